// SPDX-License-Identifier: Apache-2.0
#include "control/plan/losses.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>

#include "control/plan/settings.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::plan {
namespace {

using config::Backend;
using config::Config;
using config::Group;
using config::Pool;
using config::Service;

std::uint64_t total_weight(const Pool& pool) {
    std::uint64_t sum = 0;
    for (const Backend& backend : pool.backends)
        sum += backend.weight;
    return sum;
}

// What a VIP depends on.
struct VipUse {
    std::string last_service;  // one of them
    const Group* group = nullptr;
    bool unowned = false;
};

std::map<IpAddress, VipUse> vips_of(const Config& config) {
    std::map<IpAddress, VipUse> vips;
    for (const Service& service : config.services)
        vips[service.vip].last_service = service.name;
    for (const Group& group : config.groups) {
        for (const IpAddress& vip : group.vips) {
            if (const auto found = vips.find(vip); found != vips.end())
                found->second.group = &group;
        }
    }
    for (const IpAddress& vip : config.unowned_vips) {
        if (const auto found = vips.find(vip); found != vips.end())
            found->second.unowned = true;
    }
    return vips;
}

}  // namespace

Lines describe_losses(const Config& before, const Config& after) {
    Lines lines;
    const std::map<IpAddress, VipUse> is = vips_of(after);
    for (const auto& [vip, was] : vips_of(before)) {
        const auto found = is.find(vip);
        if (found == is.end())
            lines.push_back(fmt::format("VIP {} loses its last service, {}", to_string(vip),
                                        text::quote(was.last_service)));
        else if (found->second.unowned && !was.unowned)
            lines.push_back(
                fmt::format("VIP {} would belong to a group that cannot run before the "
                            "dataplane's next start, and nobody here would answer "
                            "for it",
                            to_string(vip)));
        else if (was.group != nullptr && found->second.group == nullptr && !found->second.unowned)
            lines.push_back(
                fmt::format("VIP {} leaves group {}, and this gateway would answer for "
                            "it whatever other gateways do",
                            to_string(vip), text::quote(was.group->name)));
    }
    match(
        before.services, after.services, identity_of, [](const Service&) {},
        [&](const Service& old, const Service& now) {
            if (total_weight(before.pools[old.pool]) > 0 &&
                total_weight(after.pools[now.pool]) == 0)
                lines.push_back(
                    fmt::format("service {} has no backend left that takes new "
                                "connections",
                                text::quote(now.name)));
        },
        [](const Service&) {});
    cut(lines);
    return lines;
}

}  // namespace vipfwd::plan
