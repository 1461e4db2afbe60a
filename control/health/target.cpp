// SPDX-License-Identifier: Apache-2.0
#include "control/health/target.h"

#include <fmt/format.h>

#include <functional>
#include <string_view>

#include "control/config/choice.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::health {

// Of what usually differs: equal targets have equal hashes, others nearly always different ones.
std::size_t TargetHash::operator()(const Target& target) const {
    const std::string_view address(reinterpret_cast<const char*>(target.address.bytes.data()),
                                   target.address.bytes.size());
    constexpr std::size_t kMultiplier = 0x9e3779b97f4a7c15;
    std::size_t hash = std::hash<std::string_view>()(address);
    hash = hash * kMultiplier + target.check.port;
    hash = hash * kMultiplier + static_cast<std::size_t>(target.check.type);
    return hash * kMultiplier +
           std::hash<std::string>()(target.check.path + target.check.name + target.pool);
}

Target target_of(const config::Pool& pool, const config::Backend& backend) {
    Target target{.address = backend.check_address.value_or(backend.address), .check = pool.check};
    if (backend.check_port != 0)
        target.check.port = backend.check_port;
    if (pool.check.type == config::CheckType::kScript) {
        target.pool = pool.name;
        target.backend = backend.name;
    }
    return target;
}

std::string to_string(const Target& target) {
    const config::Check& check = target.check;
    const bool is_v4 = target.address.is_v4();
    const std::string text = fmt::format("{} {}{}{}:{}", config::word(check.type), is_v4 ? "" : "[",
                                         to_string(target.address), is_v4 ? "" : "]", check.port);
    switch (check.type) {
        case config::CheckType::kHttp:
        case config::CheckType::kHttps:
            return text + check.path;
        case config::CheckType::kDns:
            return fmt::format("{} {} {}", text, check.name, config::word(check.record));
        case config::CheckType::kScript:
            return fmt::format("script {} {}", check.command.front(), to_string(target.address));
        default:
            return text;
    }
}

}  // namespace vipfwd::health
