// SPDX-License-Identifier: Apache-2.0
#include "control/health/choice_text.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "control/protocol/json.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::health {
namespace {

std::optional<abi::BackendAdmin> find_admin(std::string_view name) {
    const auto at = std::ranges::find(kAdminNames, name, &abi::EnumWord<abi::BackendAdmin>::word);
    return at != kAdminNames.end() && !is_of_agent(at->value) ? std::optional(at->value)
                                                              : std::nullopt;
}

// What is over is due at once.
std::uint32_t boottime_of(std::int64_t unix_s, const ClockPair& now) {
    const std::int64_t at_s = now.boottime_s + std::max<std::int64_t>(unix_s - now.unix_s, 0);
    return static_cast<std::uint32_t>(
        std::min<std::int64_t>(at_s, std::numeric_limits<std::uint32_t>::max()));
}

// Throws Json::exception if a field is missing or of another type.
Result<void> add_choice(const Json& json, const ClockPair& now, AdminChoices& choices) {
    const auto state = find_admin(json.at("state").get<std::string>());
    const auto address = parse_ip(json.at("address").get<std::string>());
    if (!state || !address)
        return Error{"a choice of another form: " + json.dump()};
    AdminChoice choice{.state = *state};
    if (choice.state == abi::BackendAdmin::kMaint)
        choice.flows_move_at_s = boottime_of(json.at("flows_move_at").get<std::int64_t>(), now);
    if (const Json& weight = json.at("weight"); !weight.is_null())
        choice.weight = weight.get<std::uint16_t>();
    choices.set(json.at("pool").get<std::string>(), *address, choice);
    return {};
}

}  // namespace

std::string to_text(const AdminChoices& choices, const ClockPair& now) {
    Json list = Json::array();
    choices.for_each(
        [&](const std::string& pool, const IpAddress& address, const AdminChoice& choice) {
            Json json = {{"pool", pool},
                         {"address", to_string(address)},
                         {"state", name(choice.state)},
                         {"flows_move_at", nullptr},
                         {"weight", nullptr}};
            if (choice.state == abi::BackendAdmin::kMaint)
                json["flows_move_at"] = now.unix_s + choice.flows_move_at_s - now.boottime_s;
            if (choice.weight)
                json["weight"] = *choice.weight;
            list.push_back(std::move(json));
        });
    return Json{{"choices", std::move(list)}}.dump(2) + "\n";
}

Result<AdminChoices> parse_choices(std::string_view text, const ClockPair& now) {
    AdminChoices choices;
    try {
        const Json json = Json::parse(text);
        for (const Json& choice : json.at("choices")) {
            if (Result<void> added = add_choice(choice, now, choices); !added)
                return added.error();
        }
    } catch (const Json::exception& error) {
        return Error{error.what()};
    }
    return choices;
}

}  // namespace vipfwd::health
