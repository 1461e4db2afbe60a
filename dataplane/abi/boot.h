// SPDX-License-Identifier: Apache-2.0
// The parameters that a dataplane starts with. `control: wo, dataplane: ro`. Read once, at the
// start: a change takes effect when the dataplane is next started.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "dataplane/abi/address.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::abi {

enum class Driver : std::uint32_t {
    kPci = 0,
    kAfXdp = 1,
    kAfPacket = 2,
    kPcap = 3,
    kMemif = 4,
    kVdev = 5,
    kLast = kVdev,
};
enum class Idle : std::uint32_t { kSpin = 0, kSleep = 1, kLast = kSleep };
enum class Memory : std::uint32_t { kHugepages = 0, kNormal = 1, kLast = kNormal };

inline constexpr std::uint32_t kAnyLcore = 0xffffffff;

struct PortBoot {
    char name[kNameBytes];
    char device[kDeviceBytes];  // interface, PCI address, capture file, memif socket or devargs
    char output[kDeviceBytes];  // pcap: the file to write; empty: none
    std::uint32_t driver;       // Driver
    std::uint32_t queues;       // receive queues, 1..kMaxQueuesPerPort
    std::uint32_t mtu;          // 0: the device's
    std::uint8_t has_mac;       // 0 or 1
    std::uint8_t reserved0;
    MacAddress mac;
    // The name of a tap, with the port's MAC address, that gives the kernel all packets to no
    // service. Empty: none (the kernel has the device itself, or gets nothing).
    char kernel_interface[kInterfaceBytes];
    std::uint32_t kernel_limit_pps;  // the most packets to the kernel, all workers together
    std::uint32_t reserved1;
    std::uint64_t reserved2;
};

struct BootParameters {
    std::uint64_t checksum;    // of everything below
    char gateway[kNameBytes];  // names this dataplane's files, so that two can share a machine
    std::uint32_t worker_count;
    std::uint32_t port_count;
    std::uint64_t flows_per_worker;
    std::uint32_t idle;                 // Idle
    std::uint32_t memory;               // Memory
    std::uint32_t lcores[kMaxWorkers];  // kAnyLcore: the dataplane chooses
    PortBoot ports[kMaxPorts];
};

static_assert(sizeof(PortBoot) == 64 + 512 + 20 + 4 + 32);
static_assert(sizeof(BootParameters) == 8 + 64 + 24 + 128 + kMaxPorts * sizeof(PortBoot));

// The ports in use; never more than kMaxPorts, even if `boot` was not validated.
inline std::span<const PortBoot> ports_of(const BootParameters& boot) {
    return std::span(boot.ports).first(std::min(boot.port_count, kMaxPorts));
}

}  // namespace vipfwd::abi
