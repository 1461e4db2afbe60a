// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/readiness.h"

#include <algorithm>

#include "dataplane/abi/boot.h"

namespace vipfwd::gateway {

using health::Verdict;

namespace {

struct RunningPort {
    std::string_view device;
    abi::PortState state = abi::PortState::kAbsent;
};

std::optional<RunningPort> find_port(const abi::DataplaneStatus* status, std::string_view port) {
    if (status == nullptr)
        return std::nullopt;
    const auto running = abi::ports_of(status->booted);
    const auto found =
        std::ranges::find_if(running, [&](const abi::PortBoot& one) { return port == one.name; });
    if (found == running.end())
        return std::nullopt;
    const std::uint64_t state = status->ports[found - running.begin()].state.load();
    return RunningPort{found->device, static_cast<abi::PortState>(state)};
}

}  // namespace

bool all_next_hops_in_force(const table::Publisher* publisher) {
    if (publisher == nullptr || publisher->generation() == 0 || !publisher->all_acknowledged())
        return false;
    return std::ranges::none_of(publisher->in_force().backends, table::lacks_next_hop);
}

LinkState judge_link(std::optional<bool> kernel_link_up, bool kernel_is_complete,
                     const abi::DataplaneStatus* status, std::string_view port) {
    const std::optional<RunningPort> running = find_port(status, port);
    if (running && running->state == abi::PortState::kNoInterface)
        return {Verdict::kBad, "port " + std::string(port) + " is closed: there is no interface " +
                                   std::string(running->device)};
    if (running && running->state == abi::PortState::kCannotOpen)
        return {Verdict::kBad, "port " + std::string(port) +
                                   " is closed: the dataplane cannot open it, see its log"};
    if (kernel_link_up) {
        if (*kernel_link_up)
            return {Verdict::kGood};
        return {kernel_is_complete ? Verdict::kBad : Verdict::kUnknown};
    }
    if (!running)
        return {Verdict::kUnknown};
    return {running->state == abi::PortState::kDown ? Verdict::kBad : Verdict::kGood};
}

}  // namespace vipfwd::gateway
