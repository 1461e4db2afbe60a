// SPDX-License-Identifier: Apache-2.0
// [[service]].
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "control/config/check.h"
#include "control/config/choice.h"
#include "control/config/first_use.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

using PoolsByName = std::unordered_map<std::string_view, const PoolDraft*>;

bool precedes(Location a, Location b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
}

void report_overlap(const ServiceDraft& a, const ServiceDraft& b, Report& report) {
    const bool in_order = precedes(a.service.where, b.service.where);
    const ServiceDraft& earlier = in_order ? a : b;
    const ServiceDraft& later = in_order ? b : a;
    const Service& service = later.service;
    report.error(later.at.port,
                 "service {} overlaps service {} (line {}): both take {} {} of VIP {}",
                 text::quote(service.name), text::quote(earlier.service.name), earlier.at.port.line,
                 word(service.protocol),
                 ports_text(std::max(service.port_first, earlier.service.port_first),
                            std::min(service.port_last, earlier.service.port_last)),
                 to_string(service.vip));
}

auto vip_and_protocol(const ServiceDraft& draft) {
    return std::tie(draft.service.vip, draft.service.protocol);
}

// The services with valid keys, sorted by VIP and protocol, then by their first port.
std::vector<const ServiceDraft*> in_port_order(const std::vector<ServiceDraft>& services) {
    std::vector<const ServiceDraft*> ordered;
    for (const ServiceDraft& service : services) {
        if (service.at.vip.is_set() && service.at.protocol.is_set() && service.at.port.is_set())
            ordered.push_back(&service);
    }
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const ServiceDraft* a, const ServiceDraft* b) {
                         return std::tuple(vip_and_protocol(*a), a->service.port_first) <
                                std::tuple(vip_and_protocol(*b), b->service.port_first);
                     });
    return ordered;
}

// `widest` is the service with the highest last port so far: if the next service overlaps any
// earlier service, it overlaps this one.
void check_overlaps(const Draft& draft, Report& report) {
    const ServiceDraft* widest = nullptr;
    for (const ServiceDraft* next : in_port_order(draft.services)) {
        const Service& service = next->service;
        if (widest == nullptr || vip_and_protocol(*widest) != vip_and_protocol(*next)) {
            widest = next;
            continue;
        }
        if (service.port_first <= widest->service.port_last)
            report_overlap(*widest, *next, report);
        if (service.port_last > widest->service.port_last)
            widest = next;
    }
}

// A mode that does not encapsulate needs backends of the VIP's IP version.
void check_families(const ServiceDraft& draft, const PoolsByName& pools, Report& report) {
    const auto pool = pools.find(draft.pool_name);
    const abi::ForwardMode& mode = abi::forward_mode(draft.service.forward);
    if (mode.crosses_families || !draft.at.vip.is_set() || pool == pools.end())
        return;
    for (const BackendDraft& backend : pool->second->backends) {
        if (!backend.at.address.is_set() ||
            backend.backend.address.is_v4() == draft.service.vip.is_v4())
            continue;
        report.error(draft.at.forward,
                     "forward = \"{}\" cannot take packets of {} to backend {} (line {}), which "
                     "is of the other IP version; use \"ipip\", or another pool",
                     mode.word, to_string(draft.service.vip), to_string(backend.backend.address),
                     backend.at.address.line);
        return;
    }
}

// Every IPv6 link carries packets of 1,280 bytes (RFC 8200 §5): senders do not expect "packet too
// big" for these.
void warn_about_small_mtu(const Draft& draft, Report& report) {
    constexpr std::uint32_t kLeast = 1280;
    constexpr std::uint32_t kMost = kLeast + abi::kMaxForwardOverhead;
    const bool tunnels_v6 =
        std::any_of(draft.services.begin(), draft.services.end(), [](const ServiceDraft& service) {
            return service.at.vip.is_set() && !service.service.vip.is_v4() &&
                   abi::forward_mode(service.service.forward).is_tunnel;
        });
    for (const PortDraft& port : draft.ports) {
        if (tunnels_v6 && port.at.mtu.is_set() && port.port.mtu < kMost)
            report.warning(port.at.mtu,
                           "mtu = {} may not leave IPv6 services the {} bytes that every IPv6 link "
                           "has to carry, once encapsulated; set mtu = {} or more",
                           port.port.mtu, kLeast, kMost);
    }
}

// A VIP has one owner among the gateways: the one that its group elects. Outside all groups every
// gateway with this file would answer for it. If a group's VIPs are reported as invalid, one of
// them may be this one.
void check_ownership(const Draft& draft, Report& report) {
    FirstAddress elected, reported;
    for (const GroupDraft& group : draft.groups) {
        if (group.group.vips.empty())
            return;
        for (std::size_t i = 0; i < group.group.vips.size(); ++i)
            elected.add(group.group.vips[i], group.at.vips[i]);
    }
    for (const ServiceDraft& draft_of_service : draft.services) {
        const Service& service = draft_of_service.service;
        if (!draft_of_service.at.vip.is_set() || draft.groups.empty())
            continue;
        const std::optional<Location> group = elected.find(service.vip);
        if (!group && !service.always_owned && !reported.add(service.vip, draft_of_service.at.vip))
            report.error(draft_of_service.at.vip,
                         "VIP {} of service {} is in no group, so that every gateway with this "
                         "file would answer for it; list it in the 'vips' of a group, or set "
                         "always_owned = true in all its services if this is its only gateway",
                         to_string(service.vip), text::quote(service.name));
        if (group && service.always_owned)
            report.error(draft_of_service.at.always_owned,
                         "service {} has always_owned = true, but its VIP {} is in the group of "
                         "line {}, which elects an owner; remove one of the two",
                         text::quote(service.name), to_string(service.vip), group->line);
    }
}

PoolsByName by_name(const std::vector<PoolDraft>& pools) {
    PoolsByName index;
    for (const PoolDraft& pool : pools)
        index.emplace(pool.pool.name, &pool);
    return index;
}

}  // namespace

void check_services(const Draft& draft, Names& pools, Report& report) {
    Names names("service", report);
    const PoolsByName pools_by_name = by_name(draft.pools);
    for (const ServiceDraft& service : draft.services) {
        names.define(service.service.name, service.at.name);
        pools.refer(service.pool_name, service.at.pool);
        check_families(service, pools_by_name, report);
    }
    check_overlaps(draft, report);
    check_ownership(draft, report);
    warn_about_small_mtu(draft, report);
}

}  // namespace vipfwd::config
