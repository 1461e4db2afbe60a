// SPDX-License-Identifier: Apache-2.0
#include "control/table/flow_classes.h"

#include <algorithm>

namespace vipfwd::table {
namespace {

bool overlap(const abi::ServiceEntry& a, const abi::ServiceEntry& b) {
    return a.vip == b.vip && a.protocol == b.protocol && a.port_first <= b.port_last &&
           b.port_first <= a.port_last;
}

}  // namespace

FlowClasses::FlowClasses(std::span<const abi::ServiceEntry> previous) : previous_(previous) {
    for (const abi::ServiceEntry& service : previous)
        ++services_[service.flow_class];
}

std::uint8_t FlowClasses::choose(const abi::ServiceEntry& service) {
    const auto inherited =
        std::find_if(previous_.begin(), previous_.end(),
                     [&](const abi::ServiceEntry& one) { return overlap(one, service); });
    const auto chosen = static_cast<std::uint8_t>(
        inherited != previous_.end()
            ? inherited->flow_class
            : std::min_element(services_.begin(), services_.end()) - services_.begin());
    ++services_[chosen];
    return chosen;
}

}  // namespace vipfwd::table
