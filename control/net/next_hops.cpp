// SPDX-License-Identifier: Apache-2.0
#include "control/net/next_hops.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::net {
namespace {

// What is done in one turn of the loop: some milliseconds' worth.
constexpr std::size_t kRoutesPerTurn = 200;
constexpr std::size_t kNeighborsPerTurn = 50;
constexpr std::int64_t kNeighborTurn_ms = 10;  // so 5,000 a second: each may be a broadcast

constexpr std::int64_t kGather_ms = 10;  // changes this close to each other are one
constexpr std::int64_t kNotifyPause_ms = 100;
constexpr std::int64_t kRetry_ms = 100;

std::int64_t now_ms() {
    return monotonic_ns() / kNanosecondsPerMs;
}

const char* to_text(HopState state) {
    switch (state) {
        case HopState::kStatic:
            return "static";
        case HopState::kReachable:
            return "reachable";
        case HopState::kStale:
            return "stale";
        case HopState::kLost:
            return "lost (last known)";
        case HopState::kResolving:
            return "resolving";
        case HopState::kNoRoute:
            return "no route";
        case HopState::kNotViaPort:
            return "not via a port";
        case HopState::kNoStaticNeighbor:
            return "no static neighbor";
        case HopState::kUntracked:
            break;
    }
    return "not tracked";
}

// Says nothing about the route that was asked for.
bool is_transient(const Message& answer) {
    const auto* refusal = std::get_if<Acknowledgement>(&answer.body);
    return refusal != nullptr && (refusal->error == ENOBUFS || refusal->error == ENOMEM ||
                                  refusal->error == EAGAIN || refusal->error == EINTR);
}

}  // namespace

NextHops::NextHops(Loop& loop, std::function<void()> on_change, std::function<void()> on_own_change)
    : on_change_(std::move(on_change)),
      on_own_change_(std::move(on_own_change)),
      feed_(loop, {.message = [this](const Message& message) { view_.apply(message, now_ms()); },
                   .dump_begins = [this](Dump dump) { view_.begin_dump(dump); },
                   .dump_ends = [this](Dump dump) { view_.end_dump(dump, now_ms()); },
                   .batch_ends = [this] { follow_up(); }}),
      routes_timer_(loop, [this] { ask_routes(); }),
      neighbors_timer_(loop, [this] { ask_neighbors(); }),
      notify_timer_(loop, [this] { notify(); }) {}

void NextHops::configure(const config::Config& config) {
    view_.configure(config);
    missing_.clear();
    refusals_.clear();
    settled_ = !view_.ports().any_kernel_interface();
    if (settled_) {
        feed_.close();
        questions_.close();
    } else {
        feed_.open();
    }
    follow_up();
}

table::Facts NextHops::facts() const {
    return {.ports = view_.ports().facts(),
            .next_hop = [this](const IpAddress& address) { return view_.hop(address).hop; }};
}

Description NextHops::describe(const IpAddress& address) const {
    const Hop hop = view_.hop(address);
    return {.hop = hop.hop, .state = to_text(hop.state)};
}

void NextHops::ask_routes() {
    bool failed = false;
    for (const IpAddress& address : view_.take_routes_due(kRoutesPerTurn)) {
        const std::optional<Message> answer = questions_.ask(
            [&](std::uint32_t sequence) { return route_request(address, sequence); });
        if (!answer || is_transient(*answer)) {
            view_.ask_again(address);
            failed = true;
            continue;
        }
        const auto* way = std::get_if<RouteMessage>(&answer->body);
        view_.answer(address, way != nullptr ? std::optional(*way) : std::nullopt, now_ms());
    }
    if (view_.routes_due())
        routes_timer_.fire_after(failed ? kRetry_ms : 0);
    follow_up();
}

void NextHops::ask_neighbors() {
    std::int64_t pause_ms = kNeighborTurn_ms;
    for (const NeighborKey& neighbor : view_.take_neighbors_due(now_ms(), kNeighborsPerTurn)) {
        if (ask_neighbor(neighbor))
            continue;
        pause_ms = kRetry_ms;
        break;
    }
    neighbors_resume_ms_ = now_ms() + pause_ms;
    arm_neighbors();
}

void NextHops::arm_neighbors() {
    if (const auto due_ms = view_.next_neighbor_due_ms())
        neighbors_timer_.fire_after(std::max(*due_ms, neighbors_resume_ms_) - now_ms());
}

bool NextHops::ask_neighbor(const NeighborKey& neighbor) {
    const std::optional<Message> answer = questions_.ask(
        [&](std::uint32_t sequence) { return neighbor_use_request(neighbor, sequence); });
    const auto* verdict = answer ? std::get_if<Acknowledgement>(&answer->body) : nullptr;
    if (verdict == nullptr)
        return false;
    const bool full = verdict->error == ENOBUFS;
    // An interface that is going takes its routes along; that is noticed without this.
    const bool going = verdict->error == ENODEV || verdict->error == ENETDOWN;
    if (verdict->error != 0 && !going && refusals_.insert(verdict->error).second) {
        spdlog::warn("the kernel does not resolve {}: {}", to_string(neighbor.address),
                     full ? "its neighbor table is full (sysctl "
                            "net.ipv4.neigh.default.gc_thresh3, or net.ipv6...)"
                          : std::strerror(verdict->error));
    }
    return !full;
}

void NextHops::follow_up() {
    view_.refresh();
    report_missing();
    if (feed_.complete() && view_.routes_due() && !routes_timer_.armed())
        routes_timer_.fire_after(settled_ ? kGather_ms : 0);
    arm_neighbors();
    if (view_.take_own_changed())
        on_own_change_();
    bool news = view_.take_changed();
    if (!settled_ && feed_.complete() && view_.routes_known()) {
        settled_ = true;
        news = true;
    }
    if (news && settled_ && !notify_timer_.armed())
        notify_timer_.fire_after(std::max(kGather_ms, notified_ms_ + kNotifyPause_ms - now_ms()));
}

void NextHops::report_missing() {
    if (!feed_.complete())
        return;
    const std::vector<std::string> all = view_.ports().missing();
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

void NextHops::notify() {
    notified_ms_ = now_ms();
    on_change_();
}

}  // namespace vipfwd::net
