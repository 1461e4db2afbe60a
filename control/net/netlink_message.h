// SPDX-License-Identifier: Apache-2.0
// What the kernel says (rtnetlink(7)), from bytes to values. Pure. What is malformed, of another
// kind or of another family is left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "control/config/model.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::net {

// What makes an interface the sub-interface of a VLAN. `parent` is 0 if it is in another network
// namespace.
struct Vlan {
    int parent = 0;
    std::uint16_t id = 0;
    std::uint16_t protocol = 0;  // ETH_P_8021Q or ETH_P_8021AD

    friend bool operator==(const Vlan&, const Vlan&) = default;
};

// An interface of the kernel, which is gone if `removed`. Interfaces are numbered from 1.
struct LinkMessage {
    int interface = 0;
    bool removed = false;
    std::string name;
    std::uint32_t mtu = 0;
    bool up = false;  // by the administrator
    bool running = false;
    std::optional<Vlan> vlan;  // of a VLAN's sub-interface
};

// IFA_PROTO of addresses that we set; the number of VRRP among IP protocols.
inline constexpr std::uint8_t kOwnAddress = 112;

// An address of an interface.
struct AddressMessage {
    int interface = 0;
    bool removed = false;
    config::InterfaceAddress address;
    // Fit to be a source: of global scope, and neither secondary, temporary, tentative, a duplicate
    // nor deprecated.
    bool primary = false;
    bool own = false;  // set by us, see own_address.h
};

struct NeighborKey {
    int interface = 0;
    IpAddress address;

    friend bool operator==(const NeighborKey&, const NeighborKey&) = default;
};

struct NeighborKeyHash {
    std::size_t operator()(const NeighborKey& key) const {
        return abi::address_hash(key.address, static_cast<std::uint32_t>(key.interface), {});
    }
};

struct NeighborMessage {
    NeighborKey key;
    bool removed = false;
    std::uint16_t state = 0;        // NUD_* of <linux/neighbour.h>
    std::optional<MacAddress> mac;  // a unicast one
};

// A route: one that came or went, or the answer to a route_request(). Routes to all addresses from
// `first` to `last` may have changed with it.
struct RouteMessage {
    enum class Kind { kUnicast, kLocal, kRefused };  // refused: unreachable, blackhole, prohibit, …

    IpAddress first;
    IpAddress last;
    Kind kind = Kind::kRefused;
    int interface = 0;
    IpAddress gateway;  // none: on link
};

// The answer to a dump is complete.
struct DumpEnd {};

// The kernel's verdict on a request: 0 or an errno.
struct Acknowledgement {
    int error = 0;
};

struct Message {
    std::uint32_t sequence = 0;  // of the request that this answers; 0: nobody asked
    bool interrupted = false;    // the dump that this is part of does not hold together
    std::variant<LinkMessage, AddressMessage, NeighborMessage, RouteMessage, DumpEnd,
                 Acknowledgement>
        body;
};

// `bytes` is one datagram, aligned as nlmsghdr.
std::vector<Message> parse_messages(std::span<const std::byte> bytes);

}  // namespace vipfwd::net
