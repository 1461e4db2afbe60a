// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_exchange.h"

#include <spdlog/spdlog.h>

#include <algorithm>
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

void PeerExchange::update(std::span<const PeerGroup> groups, std::uint16_t port,
                          std::int64_t now_ns, std::int64_t wall_ns) {
    std::erase_if(members_, [&](const auto& entry) {
        return std::ranges::none_of(
            groups, [&](const PeerGroup& one) { return one.config.name == entry.first; });
    });
    open_sockets(groups, port);
    receive(groups, now_ns);
    for (const PeerGroup& group : groups) {
        PeerDigests& digests = members_[group.config.name].digests;
        if (!group.digest) {
            digests.pause();
            continue;
        }
        const PeerMessage own{.group_id = static_cast<std::uint8_t>(group.config.id),
                              .digest = *group.digest,
                              .version = version_};
        for (const PeerDigests::LogLine& line : digests.compare(own, now_ns))
            spdlog::log(line.is_warning ? spdlog::level::warn : spdlog::level::info,
                        "group '{}': {}", group.config.name, line.text);
        send(group, own, now_ns, wall_ns);
    }
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

void PeerExchange::receive(std::span<const PeerGroup> groups, std::int64_t now_ns) {
    for (auto& [where, socket] : sockets_) {
        socket.drain([&, &point = where](const net::ReceivedPacket& packet) {
            for (const PeerGroup& group : groups) {
                if (point_of(group) == point)
                    on_message(group, packet, now_ns);
            }
        });
    }
}

void PeerExchange::on_message(const PeerGroup& group, const net::ReceivedPacket& packet,
                              std::int64_t now_ns) {
    const std::optional<PeerMessage> message = decode_peer_message(packet.payload);
    if (message && message->group_id == group.config.id && is_acceptable(group, packet))
        members_[group.config.name].digests.note(packet.source, *message, now_ns);
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

void PeerExchange::send(const PeerGroup& group, const PeerMessage& message, std::int64_t now_ns,
                        std::int64_t wall_ns) {
    const auto socket = sockets_.find(point_of(group));
    if (socket == sockets_.end() || group.source.is_none())
        return;
    const std::vector<IpAddress> destinations =
        members_[group.config.name].digests.take_due(group.config.peers, group.leader, now_ns);
    for (const IpAddress& destination : destinations) {
        std::vector<std::uint8_t> payload = encode(message);
        if (group.config.auth_key) {
            last_sequence_ = abi::next_sequence(last_sequence_, wall_ns);
            payload.resize(payload.size() + abi::kAuthTrailerBytes);
            if (!signer_.sign(payload, group.source, destination, *group.config.auth_key,
                              last_sequence_))
                continue;
        }
        socket->second.send(payload, group.source, destination);
    }
}

std::vector<Warning> PeerExchange::warnings(const std::string& group, std::int64_t now_ns) const {
    const auto member = members_.find(group);
    return member == members_.end() ? std::vector<Warning>()
                                    : member->second.digests.warnings(now_ns);
}

}  // namespace vipfwd::group
