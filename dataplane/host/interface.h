// SPDX-License-Identifier: Apache-2.0
// A network interface of the kernel's, in this network namespace.
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
    bool running = false;  // up, with a carrier
};

Result<InterfaceFacts> read_interface(const std::string& name);

// The receive queues that AF_XDP sockets can have.
Result<std::uint32_t> count_queues(const std::string& name);

Result<void> set_mtu(const std::string& name, std::uint32_t mtu);

// Whether it takes frames to other addresses too. True if that is a change.
Result<bool> set_promiscuous(const std::string& name, bool on);

// Has the device leave 802.1Q tags in the frames that it receives ("rx-vlan-offload" of ethtool):
// XDP does not see a tag that was taken off. True if that is a change; an error if the device must
// take them off.
Result<bool> keep_vlan_tags(const std::string& name);

// It takes all multicast, for as long as what is returned is open.
Result<abi::Fd> take_all_multicast(const std::string& name);

// Has no AF_PACKET socket of this process receive what the kernel itself sends.
void ignore_outgoing_packets();

}  // namespace vipfwd::host
