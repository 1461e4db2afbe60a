// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/readiness.h"

#include <algorithm>

#include "dataplane/abi/boot.h"

namespace vipfwd::gateway {

using group::Verdict;

bool all_next_hops_in_force(const table::Publisher* publisher) {
    if (publisher == nullptr || publisher->generation() == 0 || !publisher->all_acknowledged())
        return false;
    return std::ranges::all_of(
        publisher->in_force().backends, [](const abi::BackendEntry& backend) {
            return backend.resolved != 0 ||
                   backend.state == static_cast<std::uint8_t>(abi::BackendState::kRetired);
        });
}

Verdict link_verdict(std::optional<bool> kernel_link_up, bool kernel_is_complete,
                     const abi::DataplaneStatus* status, std::string_view port) {
    if (kernel_link_up) {
        if (*kernel_link_up)
            return Verdict::kGood;
        return kernel_is_complete ? Verdict::kBad : Verdict::kUnknown;
    }
    if (status == nullptr)
        return Verdict::kUnknown;
    const auto running = abi::ports_of(status->booted);
    const auto found =
        std::ranges::find_if(running, [&](const abi::PortBoot& one) { return port == one.name; });
    if (found == running.end())
        return Verdict::kUnknown;
    const std::uint64_t state = status->ports[found - running.begin()].state.load();
    return state == static_cast<std::uint64_t>(abi::PortState::kDown) ? Verdict::kBad
                                                                      : Verdict::kGood;
}

}  // namespace vipfwd::gateway
