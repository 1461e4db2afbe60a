// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/advert_scheduler.h"

#include <algorithm>
#include <utility>

#include "dataplane/abi/hash.h"
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/abi/time_units.h"
#include "dataplane/packet/announce.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {
namespace {

using abi::Claim;
using abi::LeaseState;

// Delays between the first rounds of announcements, in ms: a switch may still be learning, or a
// frame may be lost. Later rounds follow in the configured interval.
constexpr std::array<std::uint64_t, 3> kRepeats_ms = {100, 1000, 5000};
constexpr std::uint64_t kLeastBetweenRounds_ns = 100 * kNanosecondsPerMs;

std::span<const abi::GroupEntry> groups(const Tables& tables) {
    return std::span(tables.generation.groups).first(tables.generation.header.group_count);
}

void set_priority(std::uint8_t* vrrp, std::uint8_t priority) {
    const auto field = [&] {
        return Be16::from_host(static_cast<std::uint16_t>(vrrp[abi::kVrrpPriorityOffset] << 8 |
                                                          vrrp[abi::kVrrpPriorityOffset + 1]));
    };
    const Be16 before = field();
    vrrp[abi::kVrrpPriorityOffset] = priority;
    Be16 checksum;
    std::memcpy(&checksum, vrrp + abi::kVrrpChecksumOffset, sizeof checksum);
    store(vrrp + abi::kVrrpChecksumOffset, amend_checksum(checksum, before, field()));
}

}  // namespace

void AdvertScheduler::update(const Tables& tables, const abi::LeaseArea& leases,
                             std::uint64_t now_ns, bool healthy) {
    if (tables.generation.header.generation != generation_)
        read_generation(tables.generation, now_ns);
    note_macs(tables, now_ns);
    for (const abi::GroupEntry& group : groups(tables)) {
        GroupSchedule& schedule = schedules_[group.lease];
        apply_claim(schedule, leases.groups[group.lease].at(now_ns), now_ns);
        if (schedule.claim.state == LeaseState::kOwner && healthy)
            start_due(schedule, group, now_ns);
        has_more_ |= schedule.next_advert != kNothing || schedule.next_vip != kNothing;
    }
    has_more_ |= std::ranges::any_of(
        ports_, [](const PortSchedule& port) { return port.next_vip != kNothing; });
    now_ns_ = now_ns;
    healthy_ = healthy;
    if (healthy)
        has_more_ |= std::ranges::any_of(defences_, [&](const Defence& defence) {
            return defence.is_pending && defence.at_ns <= now_ns;
        });
}

std::uint64_t AdvertScheduler::next_update_ns(const Tables& tables,
                                              const abi::LeaseArea& leases) const {
    if (has_more_)
        return now_ns_;
    std::uint64_t next_ns = kNever;
    for (const abi::GroupEntry& group : groups(tables)) {
        const GroupSchedule& schedule = schedules_[group.lease];
        if (abi::owns(schedule.claim.state))
            next_ns = std::min(next_ns, leases.groups[group.lease].expires_ns.load());
        if (schedule.claim.state == LeaseState::kOwner && healthy_)
            next_ns = std::min({next_ns, schedule.advert_at_ns, schedule.announce_at_ns});
    }
    for (const Defence& defence : defences_) {
        if (defence.is_pending && healthy_)
            next_ns = std::min(next_ns, defence.at_ns);
    }
    return next_ns;
}

void AdvertScheduler::note_conflict(const abi::AddressConflict& conflict, std::uint64_t now_ns) {
    const std::uint64_t at_ns = conflict.at_ns + abi::kConflictDelay_ns;
    const bool is_old = at_ns + abi::kConflictDelay_ns < now_ns;  // of a former dataplane
    if (conflict.kind != abi::ConflictKind::kUses || is_old)
        return;  // a probe is answered
    auto place = std::ranges::find(defences_, conflict.vip, &Defence::vip);
    if (place == defences_.end())
        place = std::ranges::find_if(
            defences_, [&](const Defence& defence) { return !defence.is_recent(now_ns); });
    if (place != defences_.end() && !place->is_recent(now_ns))
        *place = {.vip = conflict.vip, .port = conflict.port, .is_pending = true, .at_ns = at_ns};
}

// Indices in the previous generation are invalid in this one: adverts and announcements that are
// being sent start over. If VIPs have joined or left a group, all its VIPs are announced.
void AdvertScheduler::read_generation(const abi::Generation& generation, std::uint64_t now_ns) {
    std::array<std::uint64_t, abi::kMaxGroups> vips{};
    for (std::uint32_t i = 0; i < generation.header.vip_count; ++i) {
        const abi::VipEntry& vip = generation.vips[i];
        if (abi::is_lease(vip.lease))
            vips[vip.lease] += abi::address_hash(vip.address, 0, generation.header.key);
    }
    for (std::size_t lease = 0; lease < schedules_.size(); ++lease) {
        GroupSchedule& schedule = schedules_[lease];
        schedule.next_advert = schedule.next_advert == kNothing ? kNothing : 0;
        schedule.next_vip = schedule.next_vip == kNothing ? kNothing : 0;
        if (std::exchange(schedule.vips, vips[lease]) != vips[lease])
            schedule.announce_at_ns = now_ns;
    }
    for (PortSchedule& port : ports_)
        port.next_vip = port.next_vip == kNothing ? kNothing : 0;
    generation_ = generation.header.generation;
}

// Hosts and switches know a VIP by the port's former MAC address: announces all VIPs anew, as after
// a takeover.
void AdvertScheduler::note_macs(const Tables& tables, std::uint64_t now_ns) {
    for (std::uint32_t i = 0; i < tables.generation.header.port_count; ++i) {
        const MacAddress mac = tables.ports[i].mac;
        const MacAddress before = std::exchange(ports_[i].mac, mac);
        if (before == mac || before == MacAddress{})
            continue;
        ports_[i].next_vip = 0;
        for (const abi::GroupEntry& group : groups(tables)) {
            if (group.port != i)
                continue;
            schedules_[group.lease].rounds = 0;
            schedules_[group.lease].announce_at_ns = now_ns;
        }
    }
}

void AdvertScheduler::apply_claim(GroupSchedule& schedule, const Claim& claim,
                                  std::uint64_t now_ns) {
    const Claim before = schedule.claim;
    schedule.claim = claim;
    const bool was_owner = abi::owns(before.state);
    if (claim.state == LeaseState::kOwner) {
        if (before.state != LeaseState::kOwner || claim.epoch != before.epoch)
            schedule.advert_at_ns = now_ns;
        if (!was_owner) {
            schedule.rounds = 0;
            schedule.announce_at_ns = now_ns;
        } else if (claim.announcement != before.announcement) {
            schedule.announce_at_ns =
                std::min(schedule.announce_at_ns,
                         std::max(now_ns, schedule.announced_at_ns + kLeastBetweenRounds_ns));
        }
        return;
    }
    schedule.next_vip = kNothing;
    // A former owner sends one more advert: of priority 0, unless it is a backup now.
    const bool leaves = before.state == LeaseState::kOwner;
    const bool gives_up =
        before.state == LeaseState::kHandingOver && claim.state == LeaseState::kResigned;
    schedule.next_advert = leaves || gives_up ? 0 : kNothing;
}

// Starts the adverts and the round of announcements that are due.
void AdvertScheduler::start_due(GroupSchedule& schedule, const abi::GroupEntry& group,
                                std::uint64_t now_ns) {
    if (now_ns >= schedule.advert_at_ns) {
        const std::uint64_t interval_ns = group.advert_interval_ms * kNanosecondsPerMs;
        schedule.next_advert = 0;
        schedule.advert_at_ns += interval_ns;
        if (schedule.advert_at_ns <=
            now_ns)  // late: count from now, so that no adverts are sent in a row
            schedule.advert_at_ns = now_ns + interval_ns;
    }
    if (now_ns >= schedule.announce_at_ns) {
        schedule.next_vip = 0;
        schedule.announced_at_ns = now_ns;
        schedule.announce_at_ns = now_ns + (schedule.rounds < kRepeats_ms.size()
                                                ? kRepeats_ms[schedule.rounds++] * kNanosecondsPerMs
                                                : group.announce_interval_s * kNanosecondsPerS);
    }
}

std::optional<OutgoingFrame> AdvertScheduler::next(const Tables& tables,
                                                   std::span<std::uint8_t> frame) {
    if (!has_more_)
        return std::nullopt;
    if (const auto advert = next_advert(tables, frame))
        return advert;
    if (const auto defence = next_defence(tables, frame))
        return defence;
    if (const auto announcement = next_announcement(tables, frame))
        return announcement;
    const auto announcement = next_on_moved_port(tables, frame);
    has_more_ = announcement.has_value();
    return announcement;
}

std::optional<OutgoingFrame> AdvertScheduler::next_advert(const Tables& tables,
                                                          std::span<std::uint8_t> frame) {
    for (const abi::GroupEntry& group : groups(tables)) {
        GroupSchedule& schedule = schedules_[group.lease];
        if (schedule.next_advert >= group.advert_count) {
            schedule.next_advert = kNothing;
            continue;
        }
        const abi::AdvertEntry& advert =
            tables.generation.adverts[group.first_advert + schedule.next_advert++];
        if (advert.bytes > frame.size())
            continue;
        std::memcpy(frame.data(), advert.frame, advert.bytes);
        store(frame.data() + sizeof(MacAddress), tables.ports[group.port].mac);
        const bool resigns = schedule.claim.state == LeaseState::kHandingOver ||
                             schedule.claim.state == LeaseState::kResigned;
        set_priority(frame.data() + advert.vrrp_offset, resigns ? 0 : schedule.claim.priority);
        const bool is_signed = static_cast<abi::AdvertAuth>(group.auth) != abi::AdvertAuth::kNone;
        return OutgoingFrame{.bytes = advert.bytes,
                             .port = group.port,
                             .signer = is_signed ? &group : nullptr,
                             .vrrp_offset = advert.vrrp_offset};
    }
    return std::nullopt;
}

std::optional<OutgoingFrame> AdvertScheduler::next_defence(const Tables& tables,
                                                           std::span<std::uint8_t> frame) {
    for (Defence& defence : defences_) {
        if (!defence.is_pending || defence.at_ns > now_ns_ || frame.size() < kAnnouncementBytes)
            continue;
        if (!may_defend(tables, defence)) {
            defence = {};
            continue;
        }
        defence.is_pending = false;
        defence.at_ns = now_ns_;
        return OutgoingFrame{
            .bytes = write_announcement(tables.ports[defence.port], defence.vip, frame.data()),
            .port = defence.port};
    }
    return std::nullopt;
}

bool AdvertScheduler::may_defend(const Tables& tables, const Defence& defence) const {
    const std::uint32_t index = tables.index.find_vip(tables.generation, defence.vip);
    if (index == kNone || defence.port >= tables.generation.header.port_count)
        return false;
    const std::uint16_t lease = tables.generation.vips[index].lease;
    return abi::is_lease(lease) ? schedules_[lease].claim.state == LeaseState::kOwner
                                : lease == abi::kNoGroup;
}

std::optional<OutgoingFrame> AdvertScheduler::next_announcement(const Tables& tables,
                                                                std::span<std::uint8_t> frame) {
    const std::uint32_t vips = tables.generation.header.vip_count;
    for (const abi::GroupEntry& group : groups(tables)) {
        GroupSchedule& schedule = schedules_[group.lease];
        while (schedule.next_vip < vips) {
            const abi::VipEntry& vip = tables.generation.vips[schedule.next_vip++];
            if (vip.lease != group.lease || frame.size() < kAnnouncementBytes)
                continue;
            return OutgoingFrame{
                .bytes = write_announcement(tables.ports[group.port], vip.address, frame.data()),
                .port = group.port};
        }
        schedule.next_vip = kNothing;
    }
    return std::nullopt;
}

std::optional<OutgoingFrame> AdvertScheduler::next_on_moved_port(const Tables& tables,
                                                                 std::span<std::uint8_t> frame) {
    const std::uint32_t vips = tables.generation.header.vip_count;
    for (std::uint32_t port = 0; port < tables.generation.header.port_count; ++port) {
        PortSchedule& schedule = ports_[port];
        while (schedule.next_vip < vips) {
            const abi::VipEntry& vip = tables.generation.vips[schedule.next_vip++];
            if (vip.lease != abi::kNoGroup || frame.size() < kAnnouncementBytes)
                continue;
            return OutgoingFrame{
                .bytes = write_announcement(tables.ports[port], vip.address, frame.data()),
                .port = static_cast<std::uint8_t>(port)};
        }
        schedule.next_vip = kNothing;
    }
    return std::nullopt;
}

}  // namespace vipfwd::packet
