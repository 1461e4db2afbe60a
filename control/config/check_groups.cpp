// SPDX-License-Identifier: Apache-2.0
// [[group]].
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "control/config/check.h"
#include "control/config/device.h"
#include "control/config/first_use.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

std::string_view family(bool is_v4) {
    return is_v4 ? "IPv4" : "IPv6";
}

// A virtual router is identified by its link, IP version and id (RFC 9568 §5.2.3).
void check_id(const GroupDraft& draft, FirstUse<std::string>& ids, Report& report) {
    const Group& group = draft.group;
    if (!draft.at.port.is_set() || group.vips.empty())
        return;
    const auto first =
        ids.add(fmt::format("{} {} {}", group.port, group.id, group.is_v4()), draft.at.id);
    if (first)
        report.error(draft.at.id,
                     "two {} groups of port {} have id {}, the other in line {}; give each an id "
                     "of its own",
                     family(group.is_v4()), text::quote(group.port), group.id, first->line);
}

void check_peers(const GroupDraft& draft, Report& report) {
    FirstAddress peers;
    for (std::size_t i = 0; i < draft.group.peers.size(); ++i) {
        const IpAddress& peer = draft.group.peers[i];
        const Location where = draft.at.peers[i];
        if (const auto first = peers.add(peer, where))
            report.error(where, "peer {} is listed twice, first in line {}; remove one",
                         to_string(peer), first->line);
        if (draft.group.vips.empty() || peer.is_v4() == draft.group.is_v4())
            continue;
        report.error(where,
                     "peer {} is {}, but the group elects over {}, as its first VIP is; use a "
                     "peer's {} address",
                     to_string(peer), family(peer.is_v4()), family(draft.group.is_v4()),
                     family(draft.group.is_v4()));
    }
}

void check_vips(const GroupDraft& draft, FirstAddress& vips, Report& report) {
    if (draft.at.vip_list.is_set() && draft.group.vips.empty())
        report.error(draft.at.vip_list, "group {} has no VIPs; list at least one",
                     text::quote(draft.group.name));
    for (std::size_t i = 0; i < draft.group.vips.size(); ++i) {
        if (const auto first = vips.add(draft.group.vips[i], draft.at.vips[i]))
            report.error(draft.at.vips[i],
                         "VIP {} is in a group already, in line {}; remove it from one of them",
                         to_string(draft.group.vips[i]), first->line);
    }
}

void check_version(const GroupDraft& draft, Report& report) {
    const Group& group = draft.group;
    if (group.version == 2 && !group.vips.empty() && !group.is_v4())
        report.error(draft.at.version,
                     "version = 2 is for IPv4 only, and the first VIP is IPv6; use version = 3");
    if (group.version == 2 && group.advert_interval_ms % 1000 != 0)
        report.error(draft.at.version,
                     "version = 2 counts whole seconds, and advert_interval_ms is {}; use a "
                     "multiple of 1000, or version = 3",
                     group.advert_interval_ms);
    else if (group.advert_interval_ms % 10 != 0)
        report.error(draft.at.advert_interval_ms,
                     "advert_interval_ms = {} is not a multiple of 10; VRRP counts hundredths of a "
                     "second",
                     group.advert_interval_ms);
    if (!group.checksum_pseudo_header && !group.vips.empty() &&
        (group.version == 2 || !group.is_v4()))
        report.error(draft.at.checksum_pseudo_header,
                     "checksum_pseudo_header = false is for version 3 over IPv4; version 2 never "
                     "includes a pseudo-header, and IPv6 always does");
}

void check_authentication(const GroupDraft& draft, Report& report) {
    const Group& group = draft.group;
    const Location key = draft.at.auth_key_file;
    if (!key.is_set()) {
        for (const Location& where : {draft.at.auth_required, draft.at.auth_second_key_file}) {
            if (where.is_set())
                report.error(where,
                             "group {} has no key to use this with; give it an "
                             "'auth_key_file'",
                             text::quote(group.name));
        }
        return;
    }
    if (group.peers.empty() && !draft.has_invalid_peers)
        report.error(key,
                     "auth_key_file needs 'peers': adverts are then unicast, and replay protection "
                     "keeps state per peer; list the other gateways' addresses");
    if (group.version == 2)
        report.error(key,
                     "auth_key_file needs version = 3: adverts of version 2 have no room for "
                     "authentication that other gateways would ignore");
    if (!group.auth_required)
        report.warning(
            draft.at.auth_required,
            "group {} accepts adverts from any sender; remove this once all its gateways have "
            "the key",
            text::quote(group.name));
}

// Adverts are received through the port's kernel interface.
void check_advert_reception(const GroupDraft& draft, const Port& port, Report& report) {
    if (takes_kernel_interface(port.driver) && port.kernel_interface.empty())
        report.error(draft.at.port,
                     "group {} cannot receive adverts: port {} has no kernel interface; give it a "
                     "'kernel_interface'",
                     text::quote(draft.group.name), text::quote(port.name));
}

void check_kernel_address(const GroupDraft& draft, Report& report) {
    if (!draft.group.kernel_address)
        return;
    if (!draft.group.accept)
        report.error(draft.at.kernel_address,
                     "group {} has kernel_address = true, for services of this machine, and accept "
                     "= false, which drops their packets; remove one of the two",
                     text::quote(draft.group.name));
}

void check_kernel_port(const GroupDraft& draft, const Port& port, Report& report) {
    if (!draft.group.kernel_address)
        return;
    if (port.driver == abi::Driver::kPcap)
        report.error(draft.at.kernel_address,
                     "group {} has kernel_address = true, but port {} is a capture; remove it",
                     text::quote(draft.group.name), text::quote(port.name));
    if (port.driver == abi::Driver::kAfPacket)
        report.error(draft.at.kernel_address,
                     "group {} has kernel_address = true on port {} of driver = \"af_packet\", "
                     "where the kernel receives the services' packets, too, and would reset "
                     "their connections; use another driver",
                     text::quote(draft.group.name), text::quote(port.name));
}

void warn_about_sets_of_one(const Draft& draft, Report& report) {
    for (const GroupDraft& group : draft.groups) {
        const std::string& set = group.group.sync_set;
        if (!set.empty() && std::ranges::count(draft.groups, set,
                                               [](const GroupDraft& other) -> const std::string& {
                                                   return other.group.sync_set;
                                               }) == 1)
            report.warning(group.at.sync_set, "no other group is in sync_set {}", text::quote(set));
    }
}

// The gateways of a group choose the same backends only with the same key.
void check_seed(const Draft& draft, Report& report) {
    const GatewayDraft& gateway = draft.gateway;
    if (gateway.at.seed_file.is_set() && gateway.gateway.random_seed)
        report.error(gateway.at.random_seed,
                     "random_seed = true, but there is a seed_file; remove one of the two");
    if (gateway.at.seed_file.is_set() || gateway.gateway.random_seed)
        return;
    const auto elects = [&draft](const GroupDraft& group) {
        return std::ranges::none_of(draft.ports, [&group](const PortDraft& port) {
            return port.port.name == group.group.port && port.port.driver == abi::Driver::kPcap;
        });
    };
    const auto first = std::ranges::find_if(draft.groups, elects);
    if (first != draft.groups.end())
        report.error(first->group.where,
                     "a group needs a seed_file in [gateway], the same secret on all its gateways: "
                     "with different ones, a failover breaks connections; or set random_seed = "
                     "true there, if that does not matter");
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
        check_version(group, report);
        check_authentication(group, report);
        check_kernel_address(group, report);
        for (const PortDraft& port : draft.ports) {
            if (port.port.name != group.group.port)
                continue;
            check_advert_reception(group, port.port, report);
            check_kernel_port(group, port.port, report);
        }
        check_tracks(group, ports, report);
    }
    warn_about_sets_of_one(draft, report);
    check_seed(draft, report);
}

}  // namespace vipfwd::config
