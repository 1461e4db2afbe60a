// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/open_devices.h"

#include <algorithm>
#include <span>

namespace vipfwd::path {

void OpenDevices::set(std::size_t port, TransmitPort device, std::span<const QueueWakeup> wakeups) {
    ports_[port].store(device, std::memory_order_relaxed);
    for (std::size_t queue = 0; queue < wakeups_[port].size(); ++queue) {
        wakeups_[port][queue].store(queue < wakeups.size() ? wakeups[queue] : QueueWakeup{},
                                    std::memory_order_relaxed);
    }
    version_.fetch_add(1, std::memory_order_release);
}

bool OpenDevices::settled() const {
    const std::uint64_t newest = version_.load(std::memory_order_relaxed);
    return std::ranges::all_of(std::span(adopted_).first(workers_), [newest](const auto& adopted) {
        return adopted.load(std::memory_order_acquire) == newest;
    });
}

// The version is read first: if set() is called meanwhile, the worker adopts once more.
OpenDevices::Ports OpenDevices::adopt(std::uint32_t worker) {
    const std::uint64_t version = version_.load(std::memory_order_acquire);
    Ports ports;
    for (std::size_t port = 0; port < ports.size(); ++port)
        ports[port] = ports_[port].load(std::memory_order_relaxed);
    adopted_[worker].store(version, std::memory_order_release);
    return ports;
}

}  // namespace vipfwd::path
