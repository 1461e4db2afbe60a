// SPDX-License-Identifier: Apache-2.0
// What a dataplane needs to know to start. `control: wo, dataplane: ro`, read once at start: a
// running dataplane is not disturbed by a change, and takes it up when it is next started.
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
    // A tap in the kernel for all that is not a service's, with the port's MAC address; empty: none
    // (the device is the kernel's own, or there is nothing to give it).
    char kernel_interface[kInterfaceBytes];
    std::uint32_t kernel_limit_pps;  // that the kernel is given at most, all workers together
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

// Those that there are; never more than fit, whatever the region says.
inline std::span<const PortBoot> ports_of(const BootParameters& boot) {
    return std::span(boot.ports).first(std::min(boot.port_count, kMaxPorts));
}

}  // namespace vipfwd::abi
