// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/queue_wakeups.h"

#include <rte_ethdev.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "dataplane/host/kernel_wait.h"
#include "dataplane/host/stdio_redirect.h"

namespace vipfwd::io {
namespace {

using Kind = host::KernelWait::Kind;

// A driver without arming has a descriptor that is readable as long as packets are there, which an
// eventfd is not.
path::QueueWakeup find_wakeup(std::uint16_t device, std::uint16_t queue) {
    const int fd = rte_eth_dev_rx_intr_ctl_q_get_fd(device, queue);
    if (fd <= STDERR_FILENO)
        return {};
    const std::optional<Kind> kind = host::KernelWait::kind_of(fd);
    if (!kind)
        return {};
    const int outcome = rte_eth_dev_rx_intr_enable(device, queue);
    if (outcome == -ENOTSUP && *kind == Kind::kPackets)
        return {.fd = fd, .kind = *kind};
    if (outcome != 0)
        return {};
    rte_eth_dev_rx_intr_disable(device, queue);
    return {.fd = fd, .kind = *kind, .needs_arming = true};
}

}  // namespace

void request_wakeups(rte_eth_conf& conf) {
    conf.intr_conf.rxq = 1;
}

std::vector<path::QueueWakeup> find_wakeups(std::uint16_t device, std::uint32_t queues) {
    const host::StdioRedirect redirect;  // DPDK prints an error for a driver without interrupts
    std::vector<path::QueueWakeup> found;
    for (std::uint32_t queue = 0; queue < queues; ++queue)
        found.push_back(find_wakeup(device, static_cast<std::uint16_t>(queue)));
    std::vector<path::QueueWakeup> wakeups = found;
    for (path::QueueWakeup& one : wakeups) {
        if (std::ranges::count(found, one.fd, &path::QueueWakeup::fd) > 1)
            one = {};
    }
    return wakeups;
}

bool are_complete(std::span<const path::QueueWakeup> wakeups) {
    return std::ranges::none_of(wakeups, [](const path::QueueWakeup& one) { return one.fd < 0; });
}

}  // namespace vipfwd::io
