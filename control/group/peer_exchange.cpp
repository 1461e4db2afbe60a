// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_exchange.h"

#include <spdlog/spdlog.h>

#include <algorithm>
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

}  // namespace

std::vector<events::Event> PeerExchange::update(std::span<const PeerGroup> groups,
                                                const config::Config& config, std::int64_t now_ns,
                                                std::int64_t wall_ns) {
    std::erase_if(members_, [&](const auto& entry) {
        return std::ranges::none_of(
            groups, [&](const PeerGroup& one) { return one.config.name == entry.first; });
    });
    open_sockets(groups, config.gateway.peer_port);
    received_reports_ = 0;
    receive(groups, config, now_ns);
    std::vector<events::Event> changes;
    for (const PeerGroup& group : groups) {
        Member& member = members_[group.config.name];
        if (!group.digest) {
            member.digests.pause();
            member.findings.clear();
            continue;
        }
        const PeerMessage own{.group_id = static_cast<std::uint8_t>(group.config.id),
                              .digest = *group.digest,
                              .version = version_};
        compare(group, own, now_ns);
        std::ranges::move(member.findings.update(now_ns), std::back_inserter(changes));
        prepare_reports(group);
        send(group, own, now_ns, wall_ns);
    }
    return changes;
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
    if (group.findings == nullptr || member.reported == group.findings)
        return;
    member.reported = group.findings;
    std::vector<FindingsReport> reports =
        reports_of(group.findings->findings, static_cast<std::uint8_t>(group.config.id));
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
    for (auto& [where, socket] : sockets_) {
        socket.drain([&, &point = where](const net::ReceivedPacket& packet) {
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
    const std::optional<PeerMessage> digest = decode_peer_message(content);
    const std::optional<FindingsReport> report = digest ? std::nullopt : decode_report(content);
    const bool is_of_group = (digest && digest->group_id == group.config.id) ||
                             (report && report->group_id == group.config.id);
    if (!is_of_group || !is_acceptable(group, packet))
        return;
    Member& member = members_[group.config.name];
    if (digest)
        member.digests.note(packet.source, *digest, now_ns);
    else if (group.findings != nullptr && received_reports_++ < kMostReceivedReports)
        member.findings.note(packet.source, *report, *group.findings, config, now_ns);
}

bool PeerExchange::is_acceptable(const PeerGroup& group, const net::ReceivedPacket& packet) {
    const std::vector<IpAddress>& peers = group.config.peers;
    if (packet.ttl != kTtlOnLink || packet.source == group.source)
        return false;
    if (!peers.empty() && std::ranges::find(peers, packet.source) == peers.end())
        return false;
    return !group.config.auth_key || is_authentic(group.config, packet);
}

// Sequences are kept for as long as control runs: a message of before can only be repeated for some
// minutes, and decides nothing.
bool PeerExchange::is_authentic(const config::Group& group, const net::ReceivedPacket& packet) {
    if (!has_trailer(packet.payload))
        return !group.auth_required;
    auto sequence =
        signer_.verify(packet.payload, packet.source, packet.destination, *group.auth_key);
    if (!sequence && group.auth_second_key)
        sequence = signer_.verify(packet.payload, packet.source, packet.destination,
                                  *group.auth_second_key);
    if (!sequence)
        return !group.auth_required;
    const auto ahead_ns =
        static_cast<std::int64_t>(*sequence - static_cast<std::uint64_t>(packet.wall_ns));
    std::uint64_t& highest = members_[group.name].sequences[packet.source];
    if (*sequence <= highest || ahead_ns > vrrp::kMaxClockDifference_ns ||
        ahead_ns < -vrrp::kMaxClockDifference_ns)
        return false;
    highest = *sequence;
    return true;
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
    if (group.config.auth_key) {
        last_sequence_ = abi::next_sequence(last_sequence_, wall_ns);
        payload.resize(payload.size() + abi::kAuthTrailerBytes);
        if (!signer_.sign(payload, group.source, destination, *group.config.auth_key,
                          last_sequence_))
            return;
    }
    sockets_.at(point_of(group)).send(payload, group.source, destination);
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
