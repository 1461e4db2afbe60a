// SPDX-License-Identifier: Apache-2.0
#include "control/config/model.h"

#include <algorithm>

namespace vipfwd::config {

bool is_elected(const Config& config, const Group& group) {
    return std::any_of(config.ports.begin(), config.ports.end(), [&group](const Port& port) {
        return port.name == group.port && port.driver != abi::Driver::kPcap;
    });
}

}  // namespace vipfwd::config
