// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_exchange.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <utility>

#include "control/vrrp/authenticate.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::group {
namespace {

constexpr std::uint8_t kTtlOnLink = 255;  // RFC 5082: no router has forwarded the packet

ListenPoint point_of(const PeerGroup& group) {
    return {group.interface, group.config.is_v4()};
}

// By id; of equal ids, the group of IPv4 is the first one.
std::vector<const PeerGroup*> by_precedence(std::span<const PeerGroup> groups) {
    std::vector<const PeerGroup*> ordered;
    for (const PeerGroup& group : groups)
        ordered.push_back(&group);
    std::ranges::sort(ordered, std::less(), [](const PeerGroup* group) {
        return std::pair(group->config.id, !group->config.is_v4());
    });
    return ordered;
}

std::set<std::string> pools_with_writer(const OwnFindings& own) {
    std::set<std::string> pools;
    for (const table::BackendFinding& finding : own.findings) {
        if ((finding.state & table::kIsWriter) != 0)
            pools.insert(own.tables->pools[finding.pool].name);
    }
    return pools;
}

}  // namespace

std::vector<events::Event> PeerExchange::update(std::span<const PeerGroup> groups,
                                                const config::Config& config, std::int64_t now_ns,
                                                std::int64_t wall_ns) {
    std::erase_if(members_, [&](const auto& entry) {
        return std::ranges::none_of(
            groups, [&](const PeerGroup& one) { return one.config.name == entry.first; });
    });
    open_sockets(groups, config.gateway.peer_port);
    if (now_ns - counted_since_ns_ >= kNanosecondsPerS) {
        received_reports_ = 0;
        counted_since_ns_ = now_ns;
    }
    receive(groups, config, now_ns);
    std::vector<events::Event> changes;
    const std::vector<const PeerGroup*> ordered = by_precedence(groups);
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        const PeerGroup& group = *ordered[i];
        Member& member = members_[group.config.name];
        if (!group.digest) {
            member.digests.pause();
            member.findings.clear();
            continue;
        }
        const PeerMessage own{.group_id = static_cast<std::uint8_t>(group.config.id),
                              .digest = *group.digest,
                              .version = version_,
                              .session = commands_.session()};
        compare(group, own, now_ns);
        const auto is_of_earlier_group = [&](const IpAddress& source, std::uint64_t key) {
            return differs_in(std::span(ordered).first(i),
                              member.digests.session_of(source, now_ns).value_or(0), key);
        };
        std::ranges::move(member.findings.update(now_ns, is_of_earlier_group),
                          std::back_inserter(changes));
        prepare_reports(group);
        send(group, own, now_ns, wall_ns);
    }
    send_commands(groups, now_ns, wall_ns);
    followed_writers_ = find_followed_writers(ordered);
    return changes;
}

// Whether the gateway with that session differs in that backend in one of the groups, too.
bool PeerExchange::differs_in(std::span<const PeerGroup* const> groups, std::uint64_t session,
                              std::uint64_t key) const {
    return session != 0 && std::ranges::any_of(groups, [&](const PeerGroup* group) {
               const Member& member = members_.at(group->config.name);
               const std::optional<IpAddress> source = member.digests.source_of(session);
               return source && member.findings.differs(*source, key);
           });
}

void PeerExchange::compare(const PeerGroup& group, const PeerMessage& own, std::int64_t now_ns) {
    for (const PeerDigests::LogLine& line :
         members_[group.config.name].digests.compare(own, now_ns))
        spdlog::log(line.is_warning ? spdlog::level::warn : spdlog::level::info, "group '{}': {}",
                    group.config.name, line.text);
}

// A change is told at once.
void PeerExchange::prepare_reports(const PeerGroup& group) {
    Member& member = members_[group.config.name];
    if (group.findings == nullptr ||
        (member.reported == group.findings && member.reported_as_owner == group.is_owner))
        return;
    member.reported = group.findings;
    member.reported_as_owner = group.is_owner;
    member.own_writer_pools = pools_with_writer(*group.findings);
    std::vector<FindingsReport> reports = reports_of(
        group.findings->findings, static_cast<std::uint8_t>(group.config.id), group.is_owner);
    if (reports == member.reports)
        return;
    member.reports = std::move(reports);
    member.next_report = 0;
    member.digests.tell_all();
}

void PeerExchange::open_sockets(std::span<const PeerGroup> groups, std::uint16_t port) {
    std::set<ListenPoint> points;
    for (const PeerGroup& group : groups) {
        if (port != 0 && !group.interface.empty())
            points.insert(point_of(group));
    }
    const bool is_same_port = std::exchange(port_, port) == port;
    std::erase_if(sockets_, [&](const auto& entry) {
        return !is_same_port || !points.contains(entry.first) || !entry.second.interface_exists();
    });
    for (const ListenPoint& point : points) {
        if (sockets_.contains(point))
            continue;
        Result<net::PeerSocket> socket = net::PeerSocket::open(point.interface, point.is_v4, port);
        if (socket) {
            sockets_.emplace(point, std::move(*socket));
            errors_.erase(point);
        } else if (std::exchange(errors_[point], socket.error().message) !=
                   socket.error().message) {
            spdlog::warn("{}; retrying", socket.error().message);
        }
    }
}

void PeerExchange::receive(std::span<const PeerGroup> groups, const config::Config& config,
                           std::int64_t now_ns) {
    messages_ = 0;
    for (auto& [where, socket] : sockets_) {
        socket.drain([&, &point = where](const net::ReceivedPacket& packet) {
            ++messages_;
            for (const PeerGroup& group : groups) {
                if (point_of(group) == point)
                    on_message(group, config, packet, now_ns);
            }
        });
    }
}

void PeerExchange::on_message(const PeerGroup& group, const config::Config& config,
                              const net::ReceivedPacket& packet, std::int64_t now_ns) {
    const auto content = without_trailer(packet.payload);
    const std::optional<PeerMessageKind> kind = kind_of(content);
    const auto group_id = static_cast<std::uint8_t>(group.config.id);
    if (!kind || group_id_of(content) != group_id)
        return;
    const Trust trust = trust_of(group, packet);
    if (trust == Trust::kNone)
        return;
    const bool is_verified = trust == Trust::kVerified;
    Member& member = members_[group.config.name];
    const GroupPeer from = {group.config.name, group_id, packet.source};
    switch (*kind) {
        case PeerMessageKind::kDigest:
            if (const auto digest = decode_peer_message(content))
                member.digests.note(packet.source, *digest, now_ns);
            break;
        case PeerMessageKind::kFindings:
            if (const auto report = decode_report(content);
                report && group.findings != nullptr && received_reports_++ < kMostReceivedReports)
                member.findings.note(packet.source, *report, *group.findings, config, now_ns);
            break;
        case PeerMessageKind::kCommand:
            if (const auto command = decode_command(content); command && is_verified)
                commands_.on_command(from, *command);
            break;
        case PeerMessageKind::kAnswer:
            if (const auto answer = decode_answer(content); answer && is_verified)
                commands_.on_answer(from, *answer);
            break;
    }
}

PeerExchange::Trust PeerExchange::trust_of(const PeerGroup& group,
                                           const net::ReceivedPacket& packet) {
    const std::vector<IpAddress>& peers = group.config.peers;
    if (packet.ttl != kTtlOnLink || packet.source == group.source)
        return Trust::kNone;
    if (!peers.empty() && std::ranges::find(peers, packet.source) == peers.end())
        return Trust::kNone;
    return group.config.auth_key ? verify(group.config, packet) : Trust::kUnverified;
}

// Sequences are kept for as long as control runs: a message of before can be repeated for some
// minutes. A command carries a session; a digest decides nothing; and what a backup follows by a
// report, it does until the next one.
PeerExchange::Trust PeerExchange::verify(const config::Group& group,
                                         const net::ReceivedPacket& packet) {
    const Trust without_mac = group.auth_required ? Trust::kNone : Trust::kUnverified;
    if (!has_trailer(packet.payload))
        return without_mac;
    auto sequence =
        signer_.verify(packet.payload, packet.source, packet.destination, *group.auth_key);
    if (!sequence && group.auth_second_key)
        sequence = signer_.verify(packet.payload, packet.source, packet.destination,
                                  *group.auth_second_key);
    if (!sequence)
        return without_mac;
    const auto ahead_ns =
        static_cast<std::int64_t>(*sequence - static_cast<std::uint64_t>(packet.wall_ns));
    std::uint64_t& highest = members_[group.name].sequences[packet.source];
    if (*sequence <= highest || ahead_ns > vrrp::kMaxClockDifference_ns ||
        ahead_ns < -vrrp::kMaxClockDifference_ns)
        return Trust::kNone;
    highest = *sequence;
    return Trust::kVerified;
}

void PeerExchange::command(const health::AdminChange& change, std::vector<GroupPeer> peers,
                           std::int64_t now_ns, PeerCommands::Done done) {
    commands_.start(change, std::move(peers), find_session(now_ns), now_ns, std::move(done));
}

PeerCommands::FindSession PeerExchange::find_session(std::int64_t now_ns) const {
    return [this, now_ns](const GroupPeer& peer) -> std::optional<std::uint64_t> {
        const auto member = members_.find(peer.group);
        if (member == members_.end())
            return std::nullopt;
        return member->second.digests.session_of(peer.address, now_ns);
    };
}

bool PeerExchange::is_update_due() const {
    const auto has_packets = [](const auto& entry) { return entry.second.has_packets(); };
    return commands_.is_waiting() ||
           (messages_ <= kMostMessages && std::ranges::any_of(sockets_, has_packets));
}

void PeerExchange::send_commands(std::span<const PeerGroup> groups, std::int64_t now_ns,
                                 std::int64_t wall_ns) {
    for (PeerCommands::Outgoing& one : commands_.update(find_session(now_ns), now_ns)) {
        const auto group = std::ranges::find_if(
            groups, [&](const PeerGroup& other) { return other.config.name == one.to.group; });
        if (group != groups.end() && group->config.auth_key)
            send(*group, std::move(one.message), one.to.address, wall_ns);
    }
}

void PeerExchange::send(const PeerGroup& group, const PeerMessage& own, std::int64_t now_ns,
                        std::int64_t wall_ns) {
    if (!sockets_.contains(point_of(group)) || group.source.is_none())
        return;
    Member& member = members_[group.config.name];
    const std::vector<IpAddress> destinations =
        member.digests.take_due(group.config.peers, group.leader, now_ns);
    if (destinations.empty())
        return;
    for (const IpAddress& destination : destinations)
        send(group, encode(own), destination, wall_ns);
    for (std::size_t i = 0; i < std::min(kMostReports, member.reports.size()); ++i) {
        member.next_report = member.next_report % member.reports.size();
        for (const IpAddress& destination : destinations)
            send(group, encode(member.reports[member.next_report]), destination, wall_ns);
        ++member.next_report;
    }
}

void PeerExchange::send(const PeerGroup& group, std::vector<std::uint8_t> payload,
                        const IpAddress& destination, std::int64_t wall_ns) {
    const auto socket = sockets_.find(point_of(group));
    if (socket == sockets_.end() || group.source.is_none())
        return;
    if (group.config.auth_key) {
        last_sequence_ = abi::next_sequence(last_sequence_, wall_ns);
        payload.resize(payload.size() + abi::kAuthTrailerBytes);
        if (!signer_.sign(payload, group.source, destination, *group.config.auth_key,
                          last_sequence_))
            return;
    }
    socket->second.send(payload, group.source, destination);
}

// Where this gateway owns the VIPs, it follows nobody.
table::PoolWriters PeerExchange::find_followed_writers(
    std::span<const PeerGroup* const> ordered) const {
    table::PoolWriters writers;
    for (std::size_t i = ordered.size(); i-- > 0;) {  // the first one decides
        const PeerGroup* const group = ordered[i];
        const Member& member = members_.at(group->config.name);
        if (group->is_owner) {
            for (const std::string& pool : member.own_writer_pools)
                writers.erase(pool);
        } else if (group->leader) {
            for (const auto& [pool, backend] : member.findings.writers_at(*group->leader))
                writers[pool] = backend;
        }
    }
    return writers;
}

std::vector<Warning> PeerExchange::warnings(const std::string& group, std::int64_t now_ns) const {
    const auto member = members_.find(group);
    if (member == members_.end())
        return {};
    std::vector<Warning> all = member->second.digests.warnings(now_ns);
    std::ranges::move(member->second.findings.warnings(now_ns), std::back_inserter(all));
    return all;
}

}  // namespace vipfwd::group
