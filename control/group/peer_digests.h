// SPDX-License-Identifier: Apache-2.0
// Whether the other gateways of one group would send a connection to the same backend as this one.
// Each tells the others its digests; a gateway that differs for longer than a rolling change takes
// is reported on both sides. Pure. All times are nanoseconds of CLOCK_MONOTONIC.
//
// A gateway sends to the group's peers if they are listed, else to the sender of the adverts that
// it follows, and to gateways that have sent to it. A program that does not answer, such as
// keepalived or an older version, is told rarely.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/group/peer_message.h"
#include "control/group/warnings.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::group {

class PeerDigests {
  public:
    static constexpr std::int64_t kInterval_ns = 3 * kNanosecondsPerS;
    // To a peer that sends nothing, at first; the interval doubles up to the longest one.
    static constexpr std::int64_t kIntervalToSilent_ns = 15 * kNanosecondsPerS;
    static constexpr std::int64_t kLongestInterval_ns = 240 * kNanosecondsPerS;
    static constexpr std::int64_t kForgotten_ns = 40 * kNanosecondsPerS;  // after the last message
    // How long a difference may last unreported: one file is changed after the other.
    static constexpr std::int64_t kGrace_ns = 10 * kNanosecondsPerS;
    // A sender can forge its address: newcomers are ignored while so many are known.
    static constexpr std::size_t kMost = 8;

    struct LogLine {
        bool is_warning = false;
        std::string text;
    };

    // A message has arrived.
    void note(const IpAddress& source, const PeerMessage& message, std::int64_t now_ns);

    // Compares with what this gateway has itself. Returns what is to be logged: a line when a
    // difference has lasted for kGrace_ns, when what differs changes, and when it ends.
    std::vector<LogLine> compare(const PeerMessage& own, std::int64_t now_ns);
    // This gateway has no tables: there is nothing to compare.
    void pause();
    // Makes a message to each destination due: what goes with the digests has changed.
    void tell_all() { sent_.clear(); }

    // To whom the message is to be sent now. `peers` are configured, `leader` is the sender of the
    // adverts that this gateway follows.
    std::vector<IpAddress> take_due(std::span<const IpAddress> peers,
                                    const std::optional<IpAddress>& leader, std::int64_t now_ns);

    // The session of a gateway that sends messages. nullopt: it sends none (any more).
    std::optional<std::uint64_t> session_of(const IpAddress& source, std::int64_t now_ns) const;
    // The gateway with that session, which is not 0, by its address here.
    std::optional<IpAddress> source_of(std::uint64_t session) const;

    // The differences that are reported now.
    std::vector<Warning> warnings(std::int64_t now_ns) const;

  private:
    struct Peer {
        IpAddress source;
        PeerMessage message;
        std::int64_t heard_ns = 0;
        std::uint64_t count = 0;                            // of messages since it differs
        std::optional<std::int64_t> differs_since_ns = {};  // nullopt: it does not
        std::string reported = {};                          // the text; empty: nothing
    };
    struct Sent {
        IpAddress destination;
        std::int64_t at_ns = 0;
        std::int64_t interval_ns = kIntervalToSilent_ns;  // while the destination does not talk
    };

    bool take_turn(const IpAddress& destination, std::int64_t now_ns);

    std::vector<Peer> peers_;
    std::vector<Sent> sent_;  // the last message to each destination
    std::optional<PeerMessage> own_;
};

}  // namespace vipfwd::group
