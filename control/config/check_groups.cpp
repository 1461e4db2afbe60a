// SPDX-License-Identifier: Apache-2.0
// [[group]].
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "control/config/check.h"
#include "control/config/first_use.h"
#include "control/config/text.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

std::string_view family(bool is_v4) {
    return is_v4 ? "IPv4" : "IPv6";
}

bool has_family(const std::vector<IpAddress>& addresses, bool is_v4) {
    return std::any_of(addresses.begin(), addresses.end(),
                       [&](const IpAddress& address) { return address.is_v4() == is_v4; });
}

// A virtual router is known by its port, family and id (RFC 9568 §5.2.3).
void check_id(const GroupDraft& draft, FirstUse<std::string>& ids, Report& report) {
    const Group& group = draft.group;
    if (!draft.at.port.somewhere())
        return;
    for (const bool is_v4 : {true, false}) {
        if (!has_family(group.vips, is_v4))
            continue;
        const auto first =
            ids.add(fmt::format("{} {} {}", group.port, group.id, is_v4), draft.at.id);
        if (!first)
            continue;
        report.error(draft.at.id,
                     "two groups of port {} have id {} and {} VIPs, the other in line {}; give "
                     "each an id of its own",
                     quote(group.port), group.id, family(is_v4), first->line);
        return;
    }
}

void check_peers(const GroupDraft& draft, Report& report) {
    FirstAddress peers;
    for (std::size_t i = 0; i < draft.group.peers.size(); ++i) {
        const IpAddress& peer = draft.group.peers[i];
        const Location where = draft.at.peers[i];
        if (const auto first = peers.add(peer, where))
            report.error(where, "peer {} is listed twice, first in line {}; remove one",
                         to_string(peer), first->line);
        if (draft.at.vip_list.somewhere() && !draft.group.vips.empty() &&
            !has_family(draft.group.vips, peer.is_v4()))
            report.error(where,
                         "peer {} is {}, but the group has no {} VIP to elect an owner for; use a "
                         "peer's {} address",
                         to_string(peer), family(peer.is_v4()), family(peer.is_v4()),
                         family(!peer.is_v4()));
    }
}

void check_vips(const GroupDraft& draft, FirstAddress& vips, Report& report) {
    if (draft.at.vip_list.somewhere() && draft.group.vips.empty())
        report.error(draft.at.vip_list, "group {} has no VIPs; list at least one",
                     quote(draft.group.name));
    for (std::size_t i = 0; i < draft.group.vips.size(); ++i) {
        if (const auto first = vips.add(draft.group.vips[i], draft.at.vips[i]))
            report.error(draft.at.vips[i],
                         "VIP {} is in a group already, in line {}; one election decides about it",
                         to_string(draft.group.vips[i]), first->line);
    }
}

void check_advert_interval(const GroupDraft& draft, Report& report) {
    if (draft.group.advert_interval_ms % 10 != 0)
        report.error(draft.at.advert_interval_ms,
                     "advert_interval_ms = {} is not a multiple of 10; VRRP counts hundredths of a "
                     "second",
                     draft.group.advert_interval_ms);
}

void warn(const Draft& draft, Report& report) {
    for (const GroupDraft& group : draft.groups)
        report.warning(group.group.where,
                       "the election does not exist yet: this gateway owns the VIPs of group {} "
                       "unconditionally; run no second one",
                       quote(group.group.name));
    if (!draft.groups.empty() && !draft.gateway.at.seed_file.somewhere())
        report.warning(draft.groups.front().group.where,
                       "no seed_file in [gateway]: hashes use a key that everybody knows; give "
                       "all gateways of a group the same secret file");
}

}  // namespace

void check_groups(const Draft& draft, Names& ports, Report& report) {
    Names groups("group", report);
    FirstUse<std::string> ids;
    FirstAddress vips;
    for (const GroupDraft& group : draft.groups) {
        groups.define(group.group.name, group.at.name);
        ports.refer(group.group.port, group.at.port);
        check_id(group, ids, report);
        check_peers(group, report);
        check_vips(group, vips, report);
        check_advert_interval(group, report);
    }
    warn(draft, report);
}

}  // namespace vipfwd::config
