// SPDX-License-Identifier: Apache-2.0
#include "control/api/arguments.h"

#include <fmt/format.h>

#include <algorithm>

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

std::string text_argument(const Json& arguments, std::string_view name) {
    const auto value = arguments.find(name);
    return value != arguments.end() ? value->get<std::string>() : std::string();
}

bool flag_argument(const Json& arguments, std::string_view name) {
    const auto value = arguments.find(name);
    return value != arguments.end() && value->get<bool>();
}

}  // namespace vipfwd::api
