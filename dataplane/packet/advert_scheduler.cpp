// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/advert_scheduler.h"

#include <algorithm>
#include <utility>

#include "dataplane/abi/hash.h"
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/announce.h"

namespace vipfwd::packet {
namespace {

using abi::Claim;
using abi::LeaseState;

constexpr std::uint64_t kNanosecondsPerMs = 1'000'000;
constexpr std::uint64_t kNanosecondsPerS = 1'000'000'000;

// After the first one, in ms: a switch may still be learning, a frame may be lost. From then on as
// configured.
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

void AdvertScheduler::look(const Tables& tables, const abi::LeaseArea& leases, std::uint64_t now_ns,
                           bool healthy) {
    if (tables.generation.header.generation != generation_)
        read(tables.generation, now_ns);
    for (const abi::GroupEntry& group : groups(tables)) {
        GroupSchedule& voice = voices_[group.lease];
        hear(voice, leases.groups[group.lease].at(now_ns), now_ns);
        if (voice.claim.state == LeaseState::kOwner && healthy)
            keep_time(voice, group, now_ns);
        has_more_ |= voice.next_advert != kNothing || voice.next_vip != kNothing;
    }
}

// Places in the generation before mean nothing in this one: what is under way begins again. VIPs
// that have joined a group are announced, with the others.
void AdvertScheduler::read(const abi::Generation& generation, std::uint64_t now_ns) {
    std::array<std::uint64_t, abi::kMaxGroups> vips{};
    for (std::uint32_t i = 0; i < generation.header.vip_count; ++i) {
        const abi::VipEntry& vip = generation.vips[i];
        if (vip.lease != abi::kNoGroup)
            vips[vip.lease] += abi::address_hash(vip.address, 0, generation.header.key);
    }
    for (std::size_t lease = 0; lease < voices_.size(); ++lease) {
        GroupSchedule& voice = voices_[lease];
        voice.next_advert = voice.next_advert == kNothing ? kNothing : 0;
        voice.next_vip = voice.next_vip == kNothing ? kNothing : 0;
        if (std::exchange(voice.vips, vips[lease]) != vips[lease])
            voice.announce_at_ns = now_ns;
    }
    generation_ = generation.header.generation;
}

void AdvertScheduler::hear(GroupSchedule& voice, const Claim& claim, std::uint64_t now_ns) {
    const Claim before = voice.claim;
    voice.claim = claim;
    const bool was_owner = abi::owns(before.state);
    if (claim.state == LeaseState::kOwner) {
        if (before.state != LeaseState::kOwner || claim.epoch != before.epoch)
            voice.advert_at_ns = now_ns;
        if (!was_owner) {
            voice.rounds = 0;
            voice.announce_at_ns = now_ns;
        } else if (claim.announcement != before.announcement) {
            voice.announce_at_ns =
                std::min(voice.announce_at_ns,
                         std::max(now_ns, voice.announced_at_ns + kLeastBetweenRounds_ns));
        }
        return;
    }
    voice.next_vip = kNothing;
    // Once: priority 0, or of a backup the priority that it had.
    const bool leaves = before.state == LeaseState::kOwner;
    const bool gives_up =
        before.state == LeaseState::kHandingOver && claim.state == LeaseState::kResigned;
    voice.next_advert = leaves || gives_up ? 0 : kNothing;
}

void AdvertScheduler::keep_time(GroupSchedule& voice, const abi::GroupEntry& group,
                                std::uint64_t now_ns) {
    if (now_ns >= voice.advert_at_ns) {
        const std::uint64_t interval_ns = group.advert_interval_ms * kNanosecondsPerMs;
        voice.next_advert = 0;
        voice.advert_at_ns += interval_ns;
        if (voice.advert_at_ns <= now_ns)  // late: from now on, so that none come in a row
            voice.advert_at_ns = now_ns + interval_ns;
    }
    if (now_ns >= voice.announce_at_ns) {
        voice.next_vip = 0;
        voice.announced_at_ns = now_ns;
        voice.announce_at_ns = now_ns + (voice.rounds < kRepeats_ms.size()
                                             ? kRepeats_ms[voice.rounds++] * kNanosecondsPerMs
                                             : group.announce_interval_s * kNanosecondsPerS);
    }
}

std::optional<OutgoingFrame> AdvertScheduler::next(const Tables& tables,
                                                   std::span<std::uint8_t> frame) {
    if (!has_more_)
        return std::nullopt;
    if (const auto speech = next_advert(tables, frame))
        return speech;
    const auto speech = next_announcement(tables, frame);
    has_more_ = speech.has_value();
    return speech;
}

std::optional<OutgoingFrame> AdvertScheduler::next_advert(const Tables& tables,
                                                          std::span<std::uint8_t> frame) {
    for (const abi::GroupEntry& group : groups(tables)) {
        GroupSchedule& voice = voices_[group.lease];
        if (voice.next_advert >= group.advert_count) {
            voice.next_advert = kNothing;
            continue;
        }
        const abi::AdvertEntry& advert =
            tables.generation.adverts[group.first_advert + voice.next_advert++];
        if (advert.bytes > frame.size())
            continue;
        std::memcpy(frame.data(), advert.frame, advert.bytes);
        store(frame.data() + sizeof(MacAddress), tables.ports[group.port].mac);
        const bool resigns = voice.claim.state == LeaseState::kHandingOver ||
                             voice.claim.state == LeaseState::kResigned;
        set_priority(frame.data() + advert.vrrp_offset, resigns ? 0 : voice.claim.priority);
        const bool is_signed = static_cast<abi::AdvertAuth>(group.auth) != abi::AdvertAuth::kNone;
        return OutgoingFrame{.bytes = advert.bytes,
                             .port = group.port,
                             .signer = is_signed ? &group : nullptr,
                             .vrrp_offset = advert.vrrp_offset};
    }
    return std::nullopt;
}

std::optional<OutgoingFrame> AdvertScheduler::next_announcement(const Tables& tables,
                                                                std::span<std::uint8_t> frame) {
    const std::uint32_t vips = tables.generation.header.vip_count;
    for (const abi::GroupEntry& group : groups(tables)) {
        GroupSchedule& voice = voices_[group.lease];
        while (voice.next_vip < vips) {
            const abi::VipEntry& vip = tables.generation.vips[voice.next_vip++];
            if (vip.lease != group.lease || frame.size() < kAnnouncementBytes)
                continue;
            return OutgoingFrame{
                .bytes = write_announcement(tables.ports[group.port], vip.address, frame.data()),
                .port = group.port};
        }
        voice.next_vip = kNothing;
    }
    return std::nullopt;
}

}  // namespace vipfwd::packet
