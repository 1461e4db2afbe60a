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
    if (target.tunnel)
        hash = hash * kMultiplier + target.tunnel->vip.words()[1];
    return hash * kMultiplier +
           std::hash<std::string>()(target.check.path + target.check.name + target.pool);
}

Target target_of(const config::Pool& pool, const config::Backend& backend,
                 const std::optional<Tunnel>& tunnel) {
    Target target{.address = backend.check_address.value_or(backend.address), .check = pool.check};
    if (backend.check_port != 0)
        target.check.port = backend.check_port;
    if (pool.check.type == config::CheckType::kScript) {
        target.pool = pool.name;
        target.backend = backend.name;
    }
    // Another address is not behind the tunnel.
    if (!backend.check_address)
        target.tunnel = tunnel;
    return target;
}

// The first service of a pool, in the order of the file, counts.
std::vector<std::optional<Tunnel>> tunnels_of_pools(const config::Config& config) {
    std::vector<std::optional<Tunnel>> tunnels(config.pools.size());
    for (const config::Service& service : config.services) {
        const config::Check& check = config.pools[service.pool].check;
        std::optional<Tunnel>& tunnel = tunnels[service.pool];
        if (check.type != config::CheckType::kNone && check.via == config::Via::kTunnel && !tunnel)
            tunnel = Tunnel{service.vip, service.forward};
    }
    return tunnels;
}

std::uint32_t tunnel_overhead(const Target& target) {
    return abi::forward_mode(target.tunnel->forward).overhead(target.address.is_v4());
}

std::string to_string(const Target& target) {
    const config::Check& check = target.check;
    if (check.type == config::CheckType::kScript)
        return fmt::format("script {} {}", check.command.front(), to_string(target.address));
    const IpAddress& to = target.tunnel ? target.tunnel->vip : target.address;
    std::string text = fmt::format("{} {}{}{}:{}", config::word(check.type), to.is_v4() ? "" : "[",
                                   to_string(to), to.is_v4() ? "" : "]", check.port);
    if (check.type == config::CheckType::kHttp || check.type == config::CheckType::kHttps)
        text += check.path;
    if (check.type == config::CheckType::kDns)
        text += fmt::format(" {} {}", check.name, config::word(check.record));
    if (target.tunnel)
        text += fmt::format(" through {} to {}", config::word(target.tunnel->forward),
                            to_string(target.address));
    return text;
}

}  // namespace vipfwd::health
