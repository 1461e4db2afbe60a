// SPDX-License-Identifier: Apache-2.0
// Operators' choices for a backend that are to be in force on all gateways of a group: sends those
// that were chosen here to the other gateways, and has those that arrive from them put in force
// here. Pure. All times are nanoseconds of CLOCK_MONOTONIC.
//
// A command is sent again until there is an answer or kTimeout_ns have passed. It carries the
// session of its receiver, so that one that was recorded decides nothing after the receiver has
// started again; before that, the sequence numbers of authentication protect it. A command that
// arrives again is not executed again, but answered as before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/model.h"
#include "control/group/command_message.h"
#include "control/health/admin.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::group {

// Another gateway, as a member of one group.
struct GroupPeer {
    std::string group;  // its name
    std::uint8_t group_id = 0;
    IpAddress address;

    friend bool operator==(const GroupPeer&, const GroupPeer&) = default;
};

struct PeerOutcome {
    IpAddress peer;
    CommandOutcome outcome;
};

// The other gateways of all groups whose VIPs have services with that pool. An error says why some
// of them cannot be sent commands.
Result<std::vector<GroupPeer>> peers_with_pool(const config::Config& config, std::string_view pool);

class PeerCommands {
  public:
    static constexpr std::int64_t kInterval_ns = 500 * kNanosecondsPerMs;  // of one command
    // Longer than it takes to put a change in force (gateway/table_refresh.h).
    static constexpr std::int64_t kTimeout_ns = 8 * kNanosecondsPerS;
    static constexpr std::size_t kMostReceived = 32;  // commands that are remembered

    using Answer = std::function<void(CommandOutcome)>;
    // Puts a change in force that was chosen at the gateway `by`. Answers at once or later, while
    // this object lives.
    using Execute = std::function<void(const health::AdminChange& change, const IpAddress& by,
                                       const Answer& answer)>;
    using Done = std::function<void(const std::vector<PeerOutcome>&)>;
    // The session of a gateway that sends digests; 0: its version takes no commands.
    using FindSession = std::function<std::optional<std::uint64_t>(const GroupPeer&)>;

    explicit PeerCommands(Execute execute);

    // Never 0.
    std::uint64_t session() const { return session_; }

    // Sends the change to the peers; `done` is called by update(), with an outcome for each
    // gateway. Peers with one session are one gateway.
    void start(const health::AdminChange& change, std::vector<GroupPeer> peers,
               const FindSession& find_session, std::int64_t now_ns, Done done);

    // A message that is known to be of the peer, and of its group.
    void on_command(const GroupPeer& from, const CommandMessage& command);
    void on_answer(const GroupPeer& from, const AnswerMessage& answer);

    // Ends the commands that are answered or too old. Returns what is to be sent now.
    struct Outgoing {
        GroupPeer to;
        std::vector<std::uint8_t> message;
    };
    std::vector<Outgoing> update(const FindSession& find_session, std::int64_t now_ns);

    // Whether update() is to be called soon.
    bool is_waiting() const;

  private:
    struct Awaited {
        GroupPeer peer;
        std::optional<CommandOutcome> outcome = {};
    };
    struct Sent {
        CommandMessage command;
        std::vector<Awaited> awaited;
        std::int64_t started_ns = 0;
        std::optional<std::int64_t> sent_ns = {};
        Done done;

        bool is_answered() const;
    };
    struct Received {
        GroupPeer from;
        std::uint64_t id = 0;
        std::optional<CommandOutcome> outcome = {};  // nullopt: it is being put in force
        bool is_to_be_answered = false;
    };

    Received* find_received(const GroupPeer& from, std::uint64_t id);
    void send_commands(Sent& sent, const FindSession& find_session, std::int64_t now_ns,
                       std::vector<Outgoing>& outgoing) const;

    Execute execute_;
    std::uint64_t session_;
    std::vector<Sent> sent_;
    std::deque<Received> received_;  // the oldest first
};

}  // namespace vipfwd::group
