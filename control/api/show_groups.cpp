// SPDX-License-Identifier: Apache-2.0
#include "control/api/show.h"
#include "control/api/words.h"
#include "control/group/group_status.h"
#include "control/view/warnings.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

using group::GroupStatus;

Json address_or_null(const IpAddress& address) {
    return address.is_none() ? Json() : Json(to_string(address));
}

Json last_advert(const std::optional<GroupStatus::LastAdvert>& last) {
    if (!last)
        return nullptr;
    return {{"source", to_string(last->source)},
            {"priority", last->priority},
            {"interval_ms", last->interval_ms},
            {"vips", last->same_vips ? "same" : "other"},
            {"age_ms", last->age_ms}};
}

Json transitions(const GroupStatus& status) {
    Json list = Json::array();
    for (const GroupStatus::Transition& one : status.transitions)
        list.push_back({{"age_ms", one.age_ms},
                        {"from", name(one.from)},
                        {"to", name(one.to)},
                        {"cause", name(one.cause)}});
    return list;
}

Json tracks(const GroupStatus& status) {
    Json list = Json::array();
    for (const group::TrackState& track : status.tracks)
        list.push_back({{"track", track.what},
                        {"state", name(track.verdict)},
                        {"failure", text_or_null(track.failure)},
                        {"weight", track.weight},
                        {"contribution", track.contribution()}});
    return list;
}

Json hindrances(const GroupStatus& status) {
    Json list = Json::array();
    for (const group::Hindrance& hindrance : status.hindrances)
        list.push_back(to_string(hindrance));
    return list;
}

Json discards(const GroupStatus& status) {
    Json counts = Json::object();
    for (std::size_t i = 0; i < status.discards.size(); ++i)
        counts[name(static_cast<vrrp::Discard>(i))] = status.discards[i];
    return counts;
}

Json warnings(const view::Source& source, const GroupStatus& status) {
    Json list = Json::array();
    for (const group::Warning& warning : view::warnings_of(source, status))
        list.push_back({{"reason", warning.reason},
                        {"source", warning.source},
                        {"vip", address_or_null(warning.vip)},
                        {"text", warning.text},
                        {"count", warning.count},
                        {"age_ms", warning.age_ms}});
    return list;
}

Json authentication_mode(GroupStatus::Authentication authentication) {
    switch (authentication) {
        case GroupStatus::Authentication::kNone:
            break;
        case GroupStatus::Authentication::kOptional:
            return "optional";
        case GroupStatus::Authentication::kRequired:
            return "required";
    }
    return nullptr;
}

Json kernel_address(const std::optional<group::KernelAddressStatus>& kernel) {
    if (!kernel)
        return nullptr;
    return {{"present", kernel->present},
            {"repairs", kernel->repairs},
            {"problem", text_or_null(kernel->problem)}};
}

Json show(const view::Source& source, const GroupStatus& status) {
    return {{"name", status.name},
            {"port", status.port},
            {"id", status.id},
            {"family", status.is_v4 ? "ipv4" : "ipv6"},
            {"version", status.version},
            {"state", name(status.state)},
            {"cause", name(status.cause)},
            {"state_age_ms", value_or_null(status.state_age_ms)},
            {"owner", address_or_null(owner_of(status).value_or(IpAddress()))},
            {"priority",
             {{"effective", status.effective_priority},
              {"configured", status.configured_priority},
              {"chosen", value_or_null(status.chosen_priority)},
              {"tracks", tracks(status)},
              {"hindrances", hindrances(status)}}},
            {"advert_interval_ms", status.advert_interval_ms},
            {"source", address_or_null(status.source)},
            {"authentication",
             {{"mode", authentication_mode(status.authentication)},
              {"unverified", status.unverified_adverts}}},
            {"vips", status.vips},
            {"accept", status.accept},
            {"kernel_address", kernel_address(status.kernel_address)},
            {"heard", last_advert(status.last_advert)},
            {"adverts_received", status.adverts_received},
            {"discards", discards(status)},
            {"transitions", transitions(status)},
            {"warnings", warnings(source, status)}};
}

}  // namespace

Json show_groups(const view::Source& source) {
    Json list = Json::array();
    for (const GroupStatus& status : source.groups)
        list.push_back(show(source, status));
    return list;
}

}  // namespace vipfwd::api
