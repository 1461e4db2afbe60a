// SPDX-License-Identifier: Apache-2.0
#include "control/api/views.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

Json heard(const std::optional<GroupDescription::Heard>& heard) {
    if (!heard)
        return nullptr;
    return {{"source", to_string(heard->source)},
            {"priority", heard->priority},
            {"interval_ms", heard->interval_ms},
            {"vips", heard->same_vips ? "same" : "other"},
            {"age_ms", heard->age_ms}};
}

Json transitions(const GroupDescription& group) {
    Json list = Json::array();
    for (const GroupDescription::Transition& one : group.transitions)
        list.push_back(
            {{"age_ms", one.age_ms}, {"from", one.from}, {"to", one.to}, {"cause", one.cause}});
    return list;
}

Json tracks(const GroupDescription& group) {
    Json list = Json::array();
    for (const GroupDescription::Track& one : group.tracks)
        list.push_back({{"track", one.what},
                        {"state", one.state},
                        {"failure", one.failure.empty() ? Json() : Json(one.failure)},
                        {"weight", one.weight},
                        {"contribution", one.contribution}});
    return list;
}

Json kernel_address(const std::optional<KernelAddress>& kernel) {
    if (!kernel)
        return nullptr;
    return {{"present", kernel->present},
            {"repairs", kernel->repairs},
            {"problem", kernel->problem.empty() ? Json() : Json(kernel->problem)}};
}

Json show_group(const GroupDescription& group) {
    const bool owns = group.state == "active" || group.state == "handing_over";
    Json owner = nullptr;
    if (owns)
        owner = to_string(group.source);
    else if (group.state == "backup" && group.heard && group.heard->priority > 0)
        owner = to_string(group.heard->source);
    Json discards = Json::object();
    for (const auto& [reason, count] : group.discards)
        discards[reason] = count;
    return {{"name", group.name},
            {"port", group.port},
            {"id", group.id},
            {"family", group.is_v4 ? "ipv4" : "ipv6"},
            {"version", group.version},
            {"state", group.state},
            {"cause", group.cause},
            {"state_age_ms", group.age_ms ? Json(*group.age_ms) : Json()},
            {"owner", owner},
            {"priority",
             {{"effective", group.priority},
              {"configured", group.configured_priority},
              {"chosen", group.chosen_priority ? Json(*group.chosen_priority) : Json()},
              {"tracks", tracks(group)},
              {"hindrances", group.hindrances}}},
            {"advert_interval_ms", group.advert_interval_ms},
            {"source", group.source.is_none() ? Json() : Json(to_string(group.source))},
            {"authentication",
             {{"mode", group.auth.empty() ? Json() : Json(group.auth)},
              {"unverified", group.unverified}}},
            {"vips", group.vips},
            {"accept", group.accept},
            {"kernel_address", kernel_address(group.kernel_address)},
            {"heard", heard(group.heard)},
            {"adverts_received", group.adverts_received},
            {"discards", discards},
            {"transitions", transitions(group)}};
}

}  // namespace

Json show_groups(const State& state) {
    Json list = Json::array();
    for (const GroupDescription& group : state.groups)
        list.push_back(show_group(group));
    return list;
}

}  // namespace vipfwd::api
