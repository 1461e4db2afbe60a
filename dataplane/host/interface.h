// SPDX-License-Identifier: Apache-2.0
// Reads and changes a network interface of the kernel, in this network namespace.
#pragma once

#include <cstdint>
#include <string>

#include "dataplane/abi/address.h"
#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::host {

struct InterfaceFacts {
    MacAddress mac;
    std::uint32_t mtu = 0;
    bool running = false;  // up, and has a carrier
};

Result<InterfaceFacts> read_interface(const std::string& name);

// The kernel's number of the interface, or 0 if there is no interface of that name. An interface
// that is deleted and made again gets another number.
int interface_index(const std::string& name);
// The name of the interface with that number; empty if there is none.
std::string interface_name(int index);

struct ReceiveQueues {
    std::uint32_t count = 1;     // by which the device receives
    std::uint32_t bindable = 1;  // the first ones, to which DPDK's driver can bind AF_XDP sockets
};
Result<ReceiveQueues> count_queues(const std::string& name);

Result<void> set_mtu(const std::string& name, std::uint32_t mtu);

// Turns promiscuous mode on or off. True if that was a change.
Result<bool> set_promiscuous(const std::string& name, bool on);

// Makes the device leave 802.1Q tags in received frames ("rx-vlan-offload" of ethtool off), because
// XDP does not see a tag that was stripped. True if that was a change. An error if the device
// always strips tags.
Result<bool> keep_vlan_tags(const std::string& name);

// Makes the interface receive all multicast for as long as the returned descriptor is open.
Result<abi::Fd> take_all_multicast(const std::string& name);

// Makes all AF_PACKET sockets of this process ignore frames that the kernel sends.
void ignore_outgoing_packets();

}  // namespace vipfwd::host
