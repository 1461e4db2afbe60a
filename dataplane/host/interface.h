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

// The number of receive queues to which AF_XDP sockets can be bound.
Result<std::uint32_t> count_queues(const std::string& name);

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
