// SPDX-License-Identifier: Apache-2.0
#include "control/config/model.h"

#include <algorithm>

#include "dataplane/abi/address_text.h"

namespace vipfwd::config {

const Pool* find_pool(const Config& config, std::string_view name) {
    const auto pool = std::ranges::find(config.pools, name, &Pool::name);
    return pool != config.pools.end() ? &*pool : nullptr;
}

std::string backend_name(const Pool* pool, const IpAddress& address) {
    if (pool != nullptr) {
        const auto backend = std::ranges::find(pool->backends, address, &Backend::address);
        if (backend != pool->backends.end())
            return backend->name;
    }
    return to_string(address);
}

bool is_elected(const Config& config, const Group& group) {
    return std::none_of(config.ports.begin(), config.ports.end(), [&group](const Port& port) {
        return port.name == group.port && port.driver == abi::Driver::kPcap;
    });
}

bool Group::has_both_ip_versions() const {
    return std::ranges::any_of(vips,
                               [this](const IpAddress& vip) { return vip.is_v4() != is_v4(); });
}

std::string ports_text(std::uint16_t first, std::uint16_t last) {
    if (first == 0 && last == 65535)
        return "any port";
    if (first == last)
        return "port " + std::to_string(first);
    return "ports " + std::to_string(first) + "-" + std::to_string(last);
}

std::string to_string(const Track& track) {
    if (!track.port.empty())
        return "port " + track.port;
    if (!track.process.empty())
        return "process " + track.process;
    if (!track.pool.empty())
        return "pool " + track.pool;
    std::string text = "script";
    for (const std::string& word : track.script)
        text += " " + word;
    return text;
}

}  // namespace vipfwd::config
