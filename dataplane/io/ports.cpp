// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/ports.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

namespace vipfwd::io {

Ports::Ports(const host::BootPlan& plan)
    : workers_(plan.worker_count()),
      workers_wait_(plan.idle == abi::Idle::kSleep),
      devices_(plan.worker_count()) {
    for (const host::PortPlan& port : plan.ports) {
        const auto number = static_cast<std::uint32_t>(slots_.size());
        slots_.push_back(std::make_unique<PortSlot>(port, number));
    }
}

// The monitor comes first, so that it misses nothing that happens to a claimed interface.
Result<void> Ports::claim() {
    const auto is_interface = [](const auto& slot) { return host::is_interface(slot->plan()); };
    if (std::ranges::any_of(slots_, is_interface)) {
        Result<host::LinkMonitor> monitor = host::LinkMonitor::open();
        if (!monitor)
            return monitor.error();
        monitor_.emplace(std::move(*monitor));
    }
    for (const auto& slot : slots_) {
        if (Result<void> claimed = slot->claim(); !claimed)
            return claimed;
    }
    return {};
}

Result<void> Ports::open(Eal& eal, rte_mempool* pool) {
    eal_ = &eal;
    pool_ = pool;
    for (std::size_t port = 0; port < slots_.size(); ++port) {
        if (Result<void> opened = slots_[port]->open(means()); !opened)
            return opened;
        devices_.set(port, slots_[port]->device(), slots_[port]->wakeups());
    }
    return {};
}

bool Ports::follow_interfaces(bool workers_run) {
    if (!monitor_)
        return false;
    const std::vector<int> removed = monitor_->take_removed();
    bool has_changed = false;
    for (std::size_t port = 0; port < slots_.size(); ++port) {
        PortSlot& slot = *slots_[port];
        if (closing_.contains(port)) {
            if (workers_run && !devices_.settled())
                continue;
            (void)slot.close(*eal_);
            closing_.erase(port);
            has_changed = true;
        } else if (slot.port() == nullptr) {
            if (!slot.try_to_open(means()))
                continue;
            devices_.set(port, slot.device(), slot.wakeups());
            has_changed = true;
        } else if (const std::string loss = slot.find_loss(removed); !loss.empty()) {
            spdlog::warn("port '{}': {}: closing the port, until it can be opened again",
                         slot.plan().name, loss);
            devices_.set(port, {}, {});
            closing_.insert(port);
        }
    }
    return has_changed;
}

bool Ports::is_any_closed() const {
    const auto is_closed = [](const auto& slot) { return slot->port() == nullptr; };
    return !closing_.empty() || std::ranges::any_of(slots_, is_closed);
}

Result<void> Ports::close() {
    Result<void> outcome;
    for (const auto& slot : slots_) {
        if (eal_ == nullptr)
            break;
        if (Result<void> closed = slot->close(*eal_); !closed && outcome)
            outcome = std::move(closed);
    }
    return outcome;
}

std::vector<std::uint32_t> Ports::buffer_mtus() const {
    std::vector<std::uint32_t> mtus;
    for (const auto& slot : slots_)
        mtus.push_back(slot->buffer_mtu());
    return mtus;
}

std::vector<host::PortFacts> Ports::refresh_facts() {
    std::vector<host::PortFacts> facts;
    for (const auto& slot : slots_) {
        slot->refresh_facts();
        facts.push_back(slot->facts());
    }
    return facts;
}

std::vector<host::PortReading> Ports::read() const {
    std::vector<host::PortReading> readings;
    for (const auto& slot : slots_)
        readings.push_back(slot->read());
    return readings;
}

}  // namespace vipfwd::io
