// SPDX-License-Identifier: Apache-2.0
// Sends ICMP and ICMPv6 echo requests (RFC 792, RFC 4443) of a given size and receives the replies.
//
// One raw socket of each family serves all probes: the kernel gives every raw socket a copy of each
// reply. CAP_NET_RAW is needed, and CAP_NET_ADMIN for a way with a mark.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>

#include "control/health/probe_socket.h"
#include "control/loop/loop.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/handover.h"

namespace vipfwd::health {

class EchoSockets {
  public:
    using Id = std::uint16_t;  // the identifier in the requests and their replies
    // `bytes` is the size of the reply: that of the IP packet, with its headers.
    using OnReply = std::function<void(std::uint32_t bytes)>;

    explicit EchoSockets(Loop& loop) : loop_(loop) {}
    EchoSockets(const EchoSockets&) = delete;
    EchoSockets& operator=(const EchoSockets&) = delete;

    // Calls `on_reply` from now on, until close(), for replies from `from` with the identifier that
    // is returned. Requires that fewer than 65,536 are open. The callback may close.
    Id open(const IpAddress& from, OnReply on_reply);
    void close(Id id) { listeners_.erase(id); }

    // Sends one packet of so many bytes, with the IP header, which no router may fragment. 0 or an
    // errno.
    int send(Id id, const Way& way, std::uint32_t bytes);

  private:
    struct Socket {
        abi::Fd fd;
        std::optional<FdWatch> watch;
    };
    struct Listener {
        IpAddress from;
        OnReply on_reply;
    };

    Socket& socket_of(bool is_v4) { return is_v4 ? v4_ : v6_; }
    int open_socket(bool is_v4);
    void receive(bool is_v4);

    Loop& loop_;
    Socket v4_ = {};
    Socket v6_ = {};
    std::unordered_map<Id, Listener> listeners_;
    Id next_id_ = 0;
};

}  // namespace vipfwd::health
