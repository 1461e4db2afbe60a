// SPDX-License-Identifier: Apache-2.0
// Exchanges digests with the other gateways of all groups, so that a difference in what selects
// backends is found before a failover breaks connections: peer_message.h has the messages, and
// peer_digests.h their destinations and intervals.
//
// The election does not depend on it: a gateway that receives nothing reports nothing. Messages are
// received and sent in update(), which is to be called once a second.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/group/advert_listeners.h"
#include "control/group/peer_digests.h"
#include "control/net/peer_socket.h"
#include "control/table/group_digest.h"
#include "dataplane/abi/advert_auth.h"

namespace vipfwd::group {

// A group, as far as it matters here. Refers to the configuration.
struct PeerGroup {
    const config::Group& config;
    std::string interface;                 // of the kernel; empty: there is none (yet)
    IpAddress source;                      // of the group's adverts; none: its port has no address
    std::optional<IpAddress> leader = {};  // sends the adverts that this gateway follows
    std::optional<table::GroupDigest> digest = {};  // nullopt: no tables are in force
};

class PeerExchange {
  public:
    // `version` is that of this software.
    explicit PeerExchange(std::string version) : version_(std::move(version)) {}

    // `port` is the UDP port of all gateways; 0: they do not talk. `wall_ns` is CLOCK_REALTIME.
    void update(std::span<const PeerGroup> groups, std::uint16_t port, std::int64_t now_ns,
                std::int64_t wall_ns);
    std::vector<Warning> warnings(const std::string& group, std::int64_t now_ns) const;

  private:
    struct Member {
        PeerDigests digests;
        std::map<IpAddress, std::uint64_t> sequences;  // the highest received ones, by sender
    };

    void open_sockets(std::span<const PeerGroup> groups, std::uint16_t port);
    void receive(std::span<const PeerGroup> groups, std::int64_t now_ns);
    void on_message(const PeerGroup& group, const net::ReceivedPacket& packet, std::int64_t now_ns);
    bool is_acceptable(const PeerGroup& group, const net::ReceivedPacket& packet);
    bool is_authentic(const config::Group& group, const net::ReceivedPacket& packet);
    void send(const PeerGroup& group, const PeerMessage& message, std::int64_t now_ns,
              std::int64_t wall_ns);

    std::string version_;
    std::uint16_t port_ = 0;
    std::map<std::string, Member> members_;  // by the group's name
    std::map<ListenPoint, net::PeerSocket> sockets_;
    std::map<ListenPoint, std::string> errors_;  // as they were logged
    abi::AdvertSigner signer_;
    std::uint64_t last_sequence_ = 0;
};

}  // namespace vipfwd::group
