// SPDX-License-Identifier: Apache-2.0
// Parses rtnetlink(7) messages from the kernel. Pure. Malformed messages and messages of other
// types or address families are skipped.
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

// The VLAN of a sub-interface. `parent` is the number of the interface below it; 0 if that is in
// another network namespace.
struct Vlan {
    int parent = 0;
    std::uint16_t id = 0;
    std::uint16_t protocol = 0;  // ETH_P_8021Q or ETH_P_8021AD

    friend bool operator==(const Vlan&, const Vlan&) = default;
};

// An interface came, changed, or was `removed`. Interfaces are numbered from 1.
struct LinkMessage {
    int interface = 0;
    bool removed = false;
    std::string name;
    std::uint32_t mtu = 0;
    bool up = false;  // administratively
    bool running = false;
    std::optional<Vlan> vlan;  // of a VLAN's sub-interface
};

// IFA_PROTO of addresses that control adds: VRRP's IP protocol number.
inline constexpr std::uint8_t kManagedAddressProtocol = 112;

// An address of an interface was added, changed or `removed`.
struct AddressMessage {
    int interface = 0;
    bool removed = false;
    config::InterfaceAddress address;
    // Usable as a source: of global scope, and not secondary, temporary, tentative, duplicate or
    // deprecated.
    bool primary = false;
    bool managed = false;  // added by control, see managed_address.h
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

// A route was added or removed, or this answers a route_request(). The routes of all addresses from
// `first` to `last` may have changed.
struct RouteMessage {
    enum class Kind { kUnicast, kLocal, kRefused };  // refused: unreachable, blackhole, prohibit, …

    IpAddress first;
    IpAddress last;
    Kind kind = Kind::kRefused;
    int interface = 0;
    IpAddress gateway;  // none: on link
};

// Ends the answer to a dump request.
struct DumpEnd {};

// The kernel's verdict on a request: 0 or an errno.
struct Acknowledgement {
    int error = 0;
};

struct Message {
    std::uint32_t sequence = 0;  // of the request that this answers; 0: a notification
    bool interrupted = false;    // the kernel's data changed during the dump: it is inconsistent
    std::variant<LinkMessage, AddressMessage, NeighborMessage, RouteMessage, DumpEnd,
                 Acknowledgement>
        body;
};

// `bytes` is one datagram, with the alignment of nlmsghdr.
std::vector<Message> parse_messages(std::span<const std::byte> bytes);

}  // namespace vipfwd::net
