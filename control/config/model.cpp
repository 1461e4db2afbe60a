// SPDX-License-Identifier: Apache-2.0
#include "control/config/model.h"

#include <algorithm>

namespace vipfwd::config {

bool is_elected(const Config& config, const Group& group) {
    return std::none_of(config.ports.begin(), config.ports.end(), [&group](const Port& port) {
        return port.name == group.port && port.driver == abi::Driver::kPcap;
    });
}

bool Group::has_both_ip_versions() const {
    return std::ranges::any_of(vips,
                               [this](const IpAddress& vip) { return vip.is_v4() != is_v4(); });
}

std::string to_string(const Track& track) {
    if (!track.port.empty())
        return "port " + track.port;
    if (!track.process.empty())
        return "process " + track.process;
    std::string text = "script";
    for (const std::string& word : track.script)
        text += " " + word;
    return text;
}

}  // namespace vipfwd::config
