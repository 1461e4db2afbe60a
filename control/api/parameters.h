// SPDX-License-Identifier: Apache-2.0
// Which arguments a command takes.
#pragma once

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "control/api/json.h"

namespace vipfwd::api {

struct Parameter {
    enum class Type { kText, kFlag };

    std::string_view name;
    Type type = Type::kText;
    bool required = false;
};

// What is wrong with `arguments`, an object; nothing if they are as `parameters` say.
std::optional<std::string> find_fault(const Json& arguments, std::span<const Parameter> parameters);

// The number that all of `text` is; nothing if it is none, or does not fit.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && rest == end ? std::optional(number) : std::nullopt;
}

// Of arguments without fault. Empty or false if it is left out.
std::string text_argument(const Json& arguments, std::string_view name);
bool flag_argument(const Json& arguments, std::string_view name);

}  // namespace vipfwd::api
