// SPDX-License-Identifier: Apache-2.0
#include "control/net/kernel_network.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::net {
namespace {

// The work of one callback: some milliseconds.
constexpr std::size_t kRoutesPerBatch = 200;
constexpr std::size_t kNeighborsPerBatch = 50;
// At most 5,000 neighbors a second: the kernel may send a broadcast for each.
constexpr std::int64_t kNeighborBatchPause_ms = 10;

constexpr std::int64_t kDebounce_ms = 10;  // changes this close together are reported as one
constexpr std::int64_t kNotifyPause_ms = 100;
constexpr std::int64_t kRetry_ms = 100;

std::int64_t now_ms() {
    return monotonic_ns() / kNanosecondsPerMs;
}

// True if the answer reports a shortage in the kernel, and says nothing about the requested route.
bool is_transient(const Message& answer) {
    const auto* refusal = std::get_if<Acknowledgement>(&answer.body);
    return refusal != nullptr && (refusal->error == ENOBUFS || refusal->error == ENOMEM ||
                                  refusal->error == EAGAIN || refusal->error == EINTR);
}

}  // namespace

KernelNetwork::KernelNetwork(Loop& loop, std::function<void()> on_change,
                             std::function<void()> on_managed_change)
    : on_change_(std::move(on_change)),
      on_managed_change_(std::move(on_managed_change)),
      feed_(loop, {.on_message = [this](const Message& message) { view_.apply(message, now_ms()); },
                   .on_dump_begin = [this](Dump dump) { view_.begin_dump(dump); },
                   .on_dump_end = [this](Dump dump) { view_.end_dump(dump, now_ms()); },
                   .on_batch_end = [this] { follow_up(); }}),
      routes_timer_(loop, [this] { request_routes(); }),
      neighbors_timer_(loop, [this] { probe_neighbors(); }),
      notify_timer_(loop, [this] { notify(); }),
      answer_timer_(loop, [this] { give_up_waiting(); }) {}

void KernelNetwork::configure(const config::Config& config) {
    view_.configure(config);
    missing_.clear();
    refusals_.clear();
    if (view_.ports().any_kernel_interface()) {
        feed_.open();
        settled_ = feed_.complete() && view_.routes_known();
    } else {
        feed_.close();
        netlink_.close();
        settled_ = true;
    }
    if (!settled_)
        answer_timer_.fire_after(kAnswerTimeout_ms);
    follow_up();
}

// Without its links, a configuration has no ports: those are waited for.
void KernelNetwork::give_up_waiting() {
    if (settled_)
        return;
    if (!feed_.complete())
        return answer_timer_.fire_after(kAnswerTimeout_ms);
    spdlog::warn("the kernel has not answered for all routes within {} ms; going on without them",
                 kAnswerTimeout_ms);
    settled_ = true;
    notify();
}

Facts KernelNetwork::facts() {
    const std::shared_ptr<const NextHops> hops = view_.next_hops();
    return {.ports = ports(),
            .next_hop = [hops](const IpAddress& address) { return hops->find(address); },
            .next_hops = hops};
}

void KernelNetwork::request_routes() {
    bool failed = false;
    for (const IpAddress& address : view_.take_routes_due(kRoutesPerBatch)) {
        const std::optional<Message> answer = netlink_.request(
            [&](std::uint32_t sequence) { return route_request(address, sequence); });
        if (!answer || is_transient(*answer)) {
            view_.retry_route(address);
            failed = true;
            continue;
        }
        const auto* route = std::get_if<RouteMessage>(&answer->body);
        view_.apply_route(address, route != nullptr ? std::optional(*route) : std::nullopt,
                          now_ms());
    }
    if (view_.routes_due())
        routes_timer_.fire_after(failed ? kRetry_ms : 0);
    follow_up();
}

void KernelNetwork::probe_neighbors() {
    std::int64_t pause_ms = kNeighborBatchPause_ms;
    for (const NeighborKey& neighbor : view_.take_neighbors_due(now_ms(), kNeighborsPerBatch)) {
        if (probe_neighbor(neighbor))
            continue;
        pause_ms = kRetry_ms;
        break;
    }
    neighbors_resume_ms_ = now_ms() + pause_ms;
    arm_neighbors_timer();
}

void KernelNetwork::arm_neighbors_timer() {
    if (const auto due_ms = view_.next_neighbor_due_ms())
        neighbors_timer_.fire_after(std::max(*due_ms, neighbors_resume_ms_) - now_ms());
}

bool KernelNetwork::probe_neighbor(const NeighborKey& neighbor) {
    const std::optional<Message> answer = netlink_.request(
        [&](std::uint32_t sequence) { return neighbor_use_request(neighbor, sequence); });
    const auto* verdict = answer ? std::get_if<Acknowledgement>(&answer->body) : nullptr;
    if (verdict == nullptr)
        return false;
    const bool full = verdict->error == ENOBUFS;
    // The interface is going away. Its routes go with it, which the feed reports.
    const bool going = verdict->error == ENODEV || verdict->error == ENETDOWN;
    if (verdict->error != 0 && !going && refusals_.insert(verdict->error).second) {
        spdlog::warn("the kernel cannot resolve neighbor {}: {}", to_string(neighbor.address),
                     full ? "its neighbor table is full (sysctl "
                            "net.ipv4.neigh.default.gc_thresh3, or net.ipv6...)"
                          : std::strerror(verdict->error));
    }
    return !full;
}

void KernelNetwork::follow_up() {
    view_.refresh();
    log_missing_interfaces();
    if (feed_.complete() && view_.routes_due() && !routes_timer_.armed())
        routes_timer_.fire_after(settled_ ? kDebounce_ms : 0);
    arm_neighbors_timer();
    if (view_.take_managed_changed())
        on_managed_change_();
    bool changed = view_.take_changed();
    if (!settled_ && feed_.complete() && view_.routes_known()) {
        settled_ = true;
        changed = true;
    }
    if (changed && settled_ && !notify_timer_.armed())
        notify_timer_.fire_after(std::max(kDebounce_ms, notified_ms_ + kNotifyPause_ms - now_ms()));
}

void KernelNetwork::log_missing_interfaces() {
    if (!feed_.complete())
        return;
    const std::vector<std::string> all = view_.ports().missing_interfaces();
    std::set<std::string> missing(all.begin(), all.end());
    for (const std::string& interface : missing) {
        if (!missing_.contains(interface))
            spdlog::warn("there is no interface {}; waiting for it", interface);
    }
    for (const std::string& interface : missing_) {
        if (!missing.contains(interface))
            spdlog::info("no longer waiting for interface {}", interface);
    }
    missing_ = std::move(missing);
}

void KernelNetwork::notify() {
    notified_ms_ = now_ms();
    on_change_();
}

}  // namespace vipfwd::net
