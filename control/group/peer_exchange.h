// SPDX-License-Identifier: Apache-2.0
// This gateway and the others of its groups tell each other by what they select backends, and what
// they have found out about these, so that a difference is found before a failover breaks
// connections. peer_message.h and findings_report.h have the messages, and peer_digests.h their
// destinations and intervals. The same sockets carry operators' commands, see peer_commands.h.
//
// The election does not depend on it: a gateway that receives nothing reports nothing. Messages are
// received and sent in update().
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/events/event.h"
#include "control/group/advert_listeners.h"
#include "control/group/findings_report.h"
#include "control/group/peer_commands.h"
#include "control/group/peer_digests.h"
#include "control/group/peer_findings.h"
#include "control/net/peer_socket.h"
#include "control/table/group_digest.h"
#include "control/table/pool_writers.h"
#include "dataplane/abi/advert_auth.h"

namespace vipfwd::group {

// A group, as far as it matters here. Refers to the configuration.
struct PeerGroup {
    const config::Group& config;
    std::string interface;                 // of the kernel; empty: there is none (yet)
    IpAddress source;                      // of the group's adverts; none: its port has no address
    bool is_owner = false;                 // of the VIPs
    std::optional<IpAddress> leader = {};  // sends the adverts that this gateway follows
    std::optional<table::GroupDigest> digest = {};          // nullopt: no tables are in force
    std::shared_ptr<const OwnFindings> findings = nullptr;  // null: the same
};

class PeerExchange {
  public:
    // Reports that go to one gateway at once. If there are more, others follow the next time.
    static constexpr std::size_t kMostReports = 8;
    // Reports that are read in a second, of all gateways. To compare one takes some 100 us with
    // 65,000 backends: a flood of them must not delay elections.
    static constexpr std::size_t kMostReceivedReports = 32;
    // More messages at once are a flood: 8 gateways send up to 72, and a socket holds some 150.
    static constexpr std::size_t kMostMessages = 100;

    // `version` is that of this software. `execute` is called in update().
    PeerExchange(std::string version, PeerCommands::Execute execute)
        : version_(std::move(version)), commands_(std::move(execute)) {}

    // Sends an operator's choice to the peers, beginning with the next update, see
    // peers_with_pool().
    void command(const health::AdminChange& change, std::vector<GroupPeer> peers,
                 std::int64_t now_ns, PeerCommands::Done done);
    // Whether a message has arrived, unless there was a flood of them, or a command is on its way.
    // If so, update() is to be called within 50 ms, else within a second.
    bool is_update_due() const;

    // The groups are those of `config`, which has the UDP port of all gateways. `wall_ns` is
    // CLOCK_REALTIME. Returns what is to be recorded.
    [[nodiscard]] std::vector<events::Event> update(std::span<const PeerGroup> groups,
                                                    const config::Config& config,
                                                    std::int64_t now_ns, std::int64_t wall_ns);
    std::vector<Warning> warnings(const std::string& group, std::int64_t now_ns) const;
    // The backends that serve, in pools with mode = "first", at the leaders that this gateway
    // follows; as of the last update. If groups of several owners have services with one pool, that
    // of the lowest id decides, of equal ids the one of IPv4.
    const table::PoolWriters& followed_writers() const { return followed_writers_; }

  private:
    struct Member {
        PeerDigests digests;
        PeerFindings findings;
        std::shared_ptr<const OwnFindings> reported;  // null: none yet
        bool reported_as_owner = false;
        std::set<std::string> own_writer_pools;        // of them, those with a writer
        std::vector<FindingsReport> reports;           // of them, to be sent
        std::size_t next_report = 0;                   // index into reports
        std::map<IpAddress, std::uint64_t> sequences;  // the highest received ones, by sender
    };

    void open_sockets(std::span<const PeerGroup> groups, std::uint16_t port);
    void receive(std::span<const PeerGroup> groups, const config::Config& config,
                 std::int64_t now_ns);
    void on_message(const PeerGroup& group, const config::Config& config,
                    const net::ReceivedPacket& packet, std::int64_t now_ns);
    void compare(const PeerGroup& group, const PeerMessage& own, std::int64_t now_ns);
    bool differs_in(std::span<const PeerGroup* const> groups, std::uint64_t session,
                    std::uint64_t key) const;
    void prepare_reports(const PeerGroup& group);
    enum class Trust { kNone, kUnverified, kVerified };
    Trust trust_of(const PeerGroup& group, const net::ReceivedPacket& packet);
    Trust verify(const config::Group& group, const net::ReceivedPacket& packet);
    PeerCommands::FindSession find_session(std::int64_t now_ns) const;
    void send_commands(std::span<const PeerGroup> groups, std::int64_t now_ns,
                       std::int64_t wall_ns);
    void send(const PeerGroup& group, const PeerMessage& own, std::int64_t now_ns,
              std::int64_t wall_ns);
    void send(const PeerGroup& group, std::vector<std::uint8_t> payload,
              const IpAddress& destination, std::int64_t wall_ns);

    table::PoolWriters find_followed_writers(std::span<const PeerGroup* const> ordered) const;

    std::string version_;
    PeerCommands commands_;
    std::uint16_t port_ = 0;
    std::map<std::string, Member> members_;  // by the group's name
    table::PoolWriters followed_writers_;
    std::map<ListenPoint, net::PeerSocket> sockets_;
    std::map<ListenPoint, std::string> errors_;  // as they were logged
    abi::AdvertSigner signer_;
    std::uint64_t last_sequence_ = 0;
    std::size_t messages_ = 0;           // that the last update has received
    std::size_t received_reports_ = 0;   // since counted_since_ns_
    std::int64_t counted_since_ns_ = 0;  // for up to a second
};

}  // namespace vipfwd::group
