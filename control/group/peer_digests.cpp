// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_digests.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

// What differs there, for people; empty if nothing does. Other services have other rings.
std::string differences(const PeerMessage& own, const PeerMessage& theirs) {
    std::vector<std::string> all;
    if (own.digest.key != 0 && own.digest.key != theirs.digest.key)
        all.emplace_back("another hash key (seed_file)");
    if (own.digest.services != theirs.digest.services)
        all.emplace_back("other services");
    else if (own.digest.backends != theirs.digest.backends)
        all.emplace_back("other backends or weights");
    if (own.version != theirs.version)
        all.push_back(fmt::format("software version {}, here {}", theirs.version, own.version));
    std::string text;
    for (const std::string& one : all)
        text += (text.empty() ? "" : ", ") + one;
    return text;
}

std::string describe(const IpAddress& source, const std::string& what) {
    return fmt::format(
        "{} has {}: connections may break when the VIPs move between the two gateways; give both "
        "the same configuration and software",
        to_string(source), what);
}

}  // namespace

std::optional<std::uint64_t> PeerDigests::session_of(const IpAddress& source,
                                                     std::int64_t now_ns) const {
    const auto peer = std::ranges::find(peers_, source, &Peer::source);
    if (peer == peers_.end() || now_ns - peer->heard_ns >= kForgotten_ns)
        return std::nullopt;
    return peer->message.session;
}

std::optional<IpAddress> PeerDigests::source_of(std::uint64_t session) const {
    for (const Peer& peer : peers_) {
        if (peer.message.session == session)
            return peer.source;
    }
    return std::nullopt;
}

void PeerDigests::note(const IpAddress& source, const PeerMessage& message, std::int64_t now_ns) {
    std::erase_if(peers_, [&](const Peer& one) { return now_ns - one.heard_ns >= kForgotten_ns; });
    auto known = std::ranges::find(peers_, source, &Peer::source);
    if (known == peers_.end()) {
        if (peers_.size() == kMost)
            return;
        // A newcomer is answered at once.
        std::erase_if(sent_, [&](const Sent& one) { return one.destination == source; });
        known = peers_.insert(peers_.end(), Peer{.source = source, .message = {}});
    }
    known->message = message;
    known->heard_ns = now_ns;
    ++known->count;
}

std::vector<PeerDigests::LogLine> PeerDigests::compare(const PeerMessage& own,
                                                       std::int64_t now_ns) {
    if (own_ != own)
        tell_all();
    own_ = own;
    std::vector<LogLine> lines;
    for (Peer& peer : peers_) {
        const std::string what = differences(own, peer.message);
        if (what.empty()) {
            if (!std::exchange(peer.reported, "").empty())
                lines.push_back({false, fmt::format("{} has the same services, backends, hash key "
                                                    "and software again",
                                                    to_string(peer.source))});
            peer.differs_since_ns.reset();
            peer.count = 0;
            continue;
        }
        if (!peer.differs_since_ns)
            peer.differs_since_ns = now_ns;
        const std::string text = describe(peer.source, what);
        if (now_ns - *peer.differs_since_ns < kGrace_ns || peer.reported == text)
            continue;
        peer.reported = text;
        lines.push_back({true, text});
    }
    return lines;
}

void PeerDigests::pause() {
    own_.reset();
    for (Peer& peer : peers_) {
        peer.differs_since_ns.reset();
        peer.reported.clear();
    }
}

std::vector<IpAddress> PeerDigests::take_due(std::span<const IpAddress> peers,
                                             const std::optional<IpAddress>& leader,
                                             std::int64_t now_ns) {
    std::vector<IpAddress> destinations(peers.begin(), peers.end());
    if (peers.empty()) {
        if (leader)
            destinations.push_back(*leader);
        for (const Peer& peer : peers_) {
            if (std::ranges::find(destinations, peer.source) == destinations.end())
                destinations.push_back(peer.source);
        }
    }
    std::erase_if(sent_, [&](const Sent& one) {
        return std::ranges::find(destinations, one.destination) == destinations.end();
    });
    std::erase_if(destinations,
                  [&](const IpAddress& destination) { return !take_turn(destination, now_ns); });
    return destinations;
}

// Whether a message is due; if so, it counts as sent.
bool PeerDigests::take_turn(const IpAddress& destination, std::int64_t now_ns) {
    const auto last = std::ranges::find(sent_, destination, &Sent::destination);
    if (last == sent_.end()) {
        sent_.push_back({.destination = destination, .at_ns = now_ns});
        return true;
    }
    const bool is_answered = session_of(destination, now_ns).has_value();
    if (now_ns - last->at_ns < (is_answered ? kInterval_ns : last->interval_ns))
        return false;
    last->at_ns = now_ns;
    last->interval_ns =
        is_answered ? kIntervalToSilent_ns : std::min(2 * last->interval_ns, kLongestInterval_ns);
    return true;
}

std::vector<Warning> PeerDigests::warnings(std::int64_t now_ns) const {
    std::vector<Warning> all;
    for (const Peer& peer : peers_) {
        if (!peer.reported.empty() && now_ns - peer.heard_ns < kForgotten_ns)
            all.push_back({.reason = "peer_differs",
                           .source = to_string(peer.source),
                           .text = peer.reported,
                           .count = peer.count,
                           .age_ms = static_cast<std::uint64_t>((now_ns - peer.heard_ns) /
                                                                kNanosecondsPerMs)});
    }
    return all;
}

}  // namespace vipfwd::group
