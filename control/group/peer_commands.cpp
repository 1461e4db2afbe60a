// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <set>
#include <utility>

namespace vipfwd::group {
namespace {

constexpr const char* kSilent =
    "not told: it has sent nothing for 40 s; see `vipctl show groups` there, and give the command "
    "there once it runs";
constexpr const char* kTooOld =
    "not told: its version takes no commands of other gateways; give the command there";
constexpr const char* kNoAnswer =
    "no answer: the command may or may not be in force there; see `vipctl show backends` there";

std::uint64_t random_number() {
    std::random_device random;
    static_assert(std::random_device::max() >= 0xffff'ffff);
    const std::uint64_t number = std::uint64_t{random()} << 32 | random();
    return number != 0 ? number : 1;
}

bool has_pool(const config::Group& group, const config::Config& config, std::string_view pool) {
    return std::ranges::any_of(config.services, [&](const config::Service& service) {
        return config.pools[service.pool].name == pool &&
               std::ranges::find(group.vips, service.vip) != group.vips.end();
    });
}

}  // namespace

Result<std::vector<GroupPeer>> peers_with_pool(const config::Config& config,
                                               std::string_view pool) {
    std::vector<GroupPeer> peers;
    for (const config::Group& group : config.groups) {
        if (!has_pool(group, config, pool))
            continue;
        if (!group.auth_key)
            return Error{fmt::format(
                "the other gateways of group '{}' cannot be told: commands are sent with "
                "authentication only; set its auth_key_file, or give the command on each gateway",
                group.name)};
        for (const IpAddress& peer : group.peers)
            peers.push_back({group.name, static_cast<std::uint8_t>(group.id), peer});
    }
    if (peers.empty())
        return Error{
            fmt::format("no group has a VIP with a service of pool '{}': there is no "
                        "other gateway to tell",
                        pool)};
    if (config.gateway.peer_port == 0)
        return Error{"the other gateways cannot be told: peer_port is 0"};
    return peers;
}

PeerCommands::PeerCommands(Execute execute)
    : execute_(std::move(execute)), session_(random_number()) {}

void PeerCommands::start(const health::AdminChange& change, std::vector<GroupPeer> peers,
                         const FindSession& find_session, std::int64_t now_ns, Done done) {
    Sent& sent = sent_.emplace_back(Sent{.command = {.id = random_number(), .change = change},
                                         .awaited = {},
                                         .started_ns = now_ns,
                                         .done = std::move(done)});
    std::set<std::uint64_t> sessions;
    for (GroupPeer& peer : peers) {
        const std::optional<std::uint64_t> session = find_session(peer);
        const bool is_known = session.value_or(0) != 0
                                  ? !sessions.insert(*session).second
                                  : std::ranges::any_of(sent.awaited, [&](const Awaited& one) {
                                        return one.peer.address == peer.address;
                                    });
        if (is_known)
            continue;
        Awaited& awaited = sent.awaited.emplace_back(Awaited{.peer = std::move(peer)});
        if (session.value_or(0) == 0)
            awaited.outcome = CommandOutcome{.error = session ? kTooOld : kSilent};
    }
}

void PeerCommands::on_command(const GroupPeer& from, const CommandMessage& command) {
    if (command.session != session_)
        return;
    if (Received* const known = find_received(from, command.id)) {
        known->is_to_be_answered = known->outcome.has_value();
        return;
    }
    if (received_.size() == kMostReceived)
        received_.pop_front();
    received_.push_back({.from = from, .id = command.id});
    execute_(command.change, from.address, [this, from, id = command.id](CommandOutcome outcome) {
        if (Received* const received = find_received(from, id)) {
            received->outcome = std::move(outcome);
            received->is_to_be_answered = true;
        }
    });
}

PeerCommands::Received* PeerCommands::find_received(const GroupPeer& from, std::uint64_t id) {
    const auto received = std::ranges::find_if(
        received_, [&](const Received& one) { return one.from == from && one.id == id; });
    return received != received_.end() ? &*received : nullptr;
}

void PeerCommands::on_answer(const GroupPeer& from, const AnswerMessage& answer) {
    for (Sent& sent : sent_) {
        if (sent.command.id != answer.id)
            continue;
        for (Awaited& awaited : sent.awaited) {
            if (awaited.peer == from)
                awaited.outcome = answer.outcome;
        }
    }
}

bool PeerCommands::Sent::is_answered() const {
    return std::ranges::all_of(awaited, [](const Awaited& one) { return one.outcome.has_value(); });
}

std::vector<PeerCommands::Outgoing> PeerCommands::update(const FindSession& find_session,
                                                         std::int64_t now_ns) {
    std::vector<Outgoing> outgoing;
    for (Received& received : received_) {
        if (std::exchange(received.is_to_be_answered, false))
            outgoing.push_back(
                {received.from, encode(AnswerMessage{.group_id = received.from.group_id,
                                                     .id = received.id,
                                                     .outcome = *received.outcome})});
    }
    for (Sent& sent : sent_)
        send_commands(sent, find_session, now_ns, outgoing);
    const auto first_ended =
        std::stable_partition(sent_.begin(), sent_.end(), [&](const Sent& one) {
            return !one.is_answered() && now_ns - one.started_ns < kTimeout_ns;
        });
    const std::vector<Sent> ended(std::make_move_iterator(first_ended),
                                  std::make_move_iterator(sent_.end()));
    sent_.erase(first_ended, sent_.end());
    for (const Sent& sent : ended) {
        std::vector<PeerOutcome> outcomes;
        for (const Awaited& one : sent.awaited)
            outcomes.push_back(
                {one.peer.address, one.outcome.value_or(CommandOutcome{.error = kNoAnswer})});
        sent.done(outcomes);
    }
    return outgoing;
}

void PeerCommands::send_commands(Sent& sent, const FindSession& find_session, std::int64_t now_ns,
                                 std::vector<Outgoing>& outgoing) const {
    if (sent.sent_ns && now_ns - *sent.sent_ns < kInterval_ns)
        return;
    sent.sent_ns = now_ns;
    for (const Awaited& awaited : sent.awaited) {
        const std::optional<std::uint64_t> session = find_session(awaited.peer);
        if (awaited.outcome || !session)
            continue;
        sent.command.group_id = awaited.peer.group_id;
        sent.command.session = *session;
        outgoing.push_back({awaited.peer, encode(sent.command)});
    }
}

bool PeerCommands::is_waiting() const {
    return !sent_.empty() || std::ranges::any_of(received_, &Received::is_to_be_answered);
}

}  // namespace vipfwd::group
