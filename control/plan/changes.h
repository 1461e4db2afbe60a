// SPDX-License-Identifier: Apache-2.0
// What a change of the configuration means, in sentences for the operator.
#pragma once

#include <string>
#include <vector>

#include "control/config/model.h"

namespace vipfwd::plan {

// What differs in services, pools, groups, ports and settings, one line each: "pool web: adds
// backend web4; removes backend web2 (their connections break)". At most
// kMaxLines lines, of which the last one counts the rest.
std::vector<std::string> describe_changes(const config::Config& before,
                                          const config::Config& after);

// What of `wanted` waits for the dataplane's next start while `in_force` is in force (defer.h).
std::vector<std::string> describe_waiting(const config::Config& wanted,
                                          const config::Config& in_force);

// Why VIPs and services that are served by `before` would not be by `after`, or no longer by one
// gateway alone. Empty: nothing is lost.
std::vector<std::string> describe_losses(const config::Config& before, const config::Config& after);

inline constexpr std::size_t kMaxLines = 100;

}  // namespace vipfwd::plan
