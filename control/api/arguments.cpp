// SPDX-License-Identifier: Apache-2.0
#include "control/api/arguments.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/text/number.h"
#include "control/text/quote.h"

namespace vipfwd::api {
namespace {

using protocol::Parameter;

bool has_type(const Json& value, Parameter::Type type) {
    return type == Parameter::Type::kFlag ? value.is_boolean() : value.is_string();
}

std::string_view type_name(Parameter::Type type) {
    return type == Parameter::Type::kFlag ? "true or false" : "a string";
}

}  // namespace

std::optional<std::string> find_fault(const Json& arguments,
                                      std::span<const Parameter> parameters) {
    for (const Parameter& parameter : parameters) {
        const auto value = arguments.find(parameter.name);
        if (value == arguments.end() && parameter.required)
            return fmt::format("argument '{}' is missing", parameter.name);
        if (value != arguments.end() && !has_type(*value, parameter.type))
            return fmt::format("argument '{}' must be {}", parameter.name,
                               type_name(parameter.type));
    }
    for (const auto& item : arguments.items()) {
        const auto has_name = [&](const Parameter& one) { return one.name == item.key(); };
        if (std::none_of(parameters.begin(), parameters.end(), has_name))
            return fmt::format("unknown argument {}", text::quote(item.key()));
    }
    return std::nullopt;
}

Result<std::uint32_t> parse_duration_s(const std::string& name, std::string_view text) {
    constexpr std::uint32_t kMost_s = 24 * 60 * 60;
    constexpr std::string_view kUnits = "smh";
    const Error error{name + " " + text::quote(text) +
                      ": write a time such as 30s, 10m or 2h, at most 24h"};
    const std::size_t unit = text.empty() ? std::string_view::npos : kUnits.find(text.back());
    if (unit == std::string_view::npos)
        return error;
    text.remove_suffix(1);
    const auto number = text::parse_number<std::uint32_t>(text);
    const std::uint32_t unit_s = unit == 0 ? 1 : unit == 1 ? 60 : 3600;
    if (!number || *number > kMost_s / unit_s)
        return error;
    return *number * unit_s;
}

std::string text_argument(const Json& arguments, std::string_view name) {
    const auto value = arguments.find(name);
    return value != arguments.end() ? value->get<std::string>() : std::string();
}

bool flag_argument(const Json& arguments, std::string_view name) {
    const auto value = arguments.find(name);
    return value != arguments.end() && value->get<bool>();
}

}  // namespace vipfwd::api
