// SPDX-License-Identifier: Apache-2.0
// The arguments of a request: checks them against the command's parameters, and reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "control/protocol/commands.h"
#include "control/protocol/json.h"
#include "dataplane/abi/result.h"

namespace vipfwd::api {

// The first fault of `arguments`, an object; nullopt if they match `parameters`.
std::optional<std::string> find_fault(const Json& arguments,
                                      std::span<const protocol::Parameter> parameters);

// The seconds of "30s", "10m" or "2h", at most a day. `name` is that of the argument, for the
// error.
Result<std::uint32_t> parse_duration_s(const std::string& name, std::string_view text);

// An argument, or "" or false if it is missing. Only for arguments without fault.
std::string text_argument(const Json& arguments, std::string_view name);
bool flag_argument(const Json& arguments, std::string_view name);

}  // namespace vipfwd::api
