// SPDX-License-Identifier: Apache-2.0
#include "control/group/rival_claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {

bool RivalClaims::goes_first(std::uint8_t id, std::uint8_t version, const IpAddress& vip,
                             const Member& ours) {
    if (vip.is_v4() != ours.is_v4)
        return true;
    return id < ours.id || (id == ours.id && version > ours.version);
}

void RivalClaims::configure(std::span<const config::Group> groups) {
    members_.clear();
    member_of_.clear();
    for (const config::Group& group : groups) {
        Member member{.group = group.name,
                      .id = group.id,
                      .version = group.version,
                      .is_v4 = group.is_v4(),
                      .peers = group.peers,
                      .heeds_rivals = !group.auth_key || !group.auth_required,
                      .unlisted = {}};
        for (const IpAddress& vip : group.vips) {
            member_of_.emplace(vip, members_.size());
            if (vip.is_v4() != group.is_v4())
                member.unlisted.push_back(vip);
        }
        members_.push_back(std::move(member));
    }
    std::erase_if(claims_, [this](const auto& entry) {
        const auto& [vip, claim] = entry;
        const auto member = member_of_.find(vip);
        return member == member_of_.end() ||
               !goes_first(claim.id, claim.version, vip, members_[member->second]);
    });
}

void RivalClaims::note(const vrrp::Advert& advert, const IpAddress& source, std::int64_t now_ns) {
    const std::int64_t lasts_ns =
        std::max(kLasts_ns, 4 * std::int64_t{advert.interval_ms} * kNanosecondsPerMs);
    const Claim heard{advert.id, advert.version, source, now_ns + lasts_ns};
    for (const IpAddress& vip : advert.addresses) {
        const auto member = member_of_.find(vip);
        if (member == member_of_.end())
            continue;
        const Member& ours = members_[member->second];
        const bool is_peer =
            ours.peers.empty() || std::ranges::find(ours.peers, source) != ours.peers.end();
        if (!ours.heeds_rivals || !is_peer || !goes_first(advert.id, advert.version, vip, ours))
            continue;
        const auto known = claims_.find(vip);
        const bool is_same = known != claims_.end() && known->second.id == advert.id &&
                             known->second.version == advert.version;
        if (advert.priority == vrrp::kResignPriority) {
            if (is_same && known->second.source == source)
                claims_.erase(known);
        } else if (known == claims_.end() || is_same || known->second.until_ns < now_ns ||
                   std::tuple(advert.id, -advert.version) <
                       std::tuple(known->second.id, -known->second.version)) {
            claims_.insert_or_assign(vip, heard);
        }
    }
}

std::vector<IpAddress> RivalClaims::left_to_rivals(std::int64_t now_ns) const {
    std::set<IpAddress> vips;
    for (const auto& [vip, claim] : claims_) {
        if (now_ns >= claim.until_ns)
            continue;
        vips.insert(vip);
        const Member& ours = members_[member_of_.at(vip)];
        if (vip.is_v4() == ours.is_v4)
            vips.insert(ours.unlisted.begin(), ours.unlisted.end());
    }
    return {vips.begin(), vips.end()};
}

std::vector<std::string> RivalClaims::describe(const std::string& group,
                                               std::int64_t now_ns) const {
    std::map<std::pair<IpAddress, std::uint8_t>, std::vector<IpAddress>> rivals;
    for (const auto& [vip, claim] : claims_) {
        if (now_ns < claim.until_ns && members_[member_of_.at(vip)].group == group)
            rivals[{claim.source, claim.id}].push_back(vip);
    }
    std::vector<std::string> texts;
    for (const auto& [rival, vips] : rivals) {
        const IpAddress& first = *std::ranges::min_element(vips);
        const std::string others =
            vips.size() == 1 ? "" : fmt::format(" and {} more of its VIPs", vips.size() - 1);
        texts.push_back(fmt::format(
            "{}{} advertised by {} in the virtual router of id {}, and left to it; configure VIPs "
            "in the same group on all gateways",
            to_string(first), others + (vips.size() == 1 ? " is" : " are"), to_string(rival.first),
            rival.second));
    }
    return texts;
}

}  // namespace vipfwd::group
