// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/walk.h"

#include <array>
#include <utility>

#include "dataplane/packet/account.h"
#include "dataplane/packet/pipeline.h"

namespace vipfwd::path {
namespace {

using packet::Action;
using packet::Frame;
using packet::Packet;

// A conflict that goes on is written to the log that often.
constexpr std::uint64_t kBetweenReports_ns = 100'000'000;

}  // namespace

Walk::Walk(Wire& wire, Setup setup)
    : wire_(wire),
      transmitter_(wire, std::move(setup.ports), setup.queue),
      kernel_paths_(wire, transmitter_, std::move(setup.kernel_ports), setup.queue),
      splitter_(wire, transmitter_),
      handoff_(setup.handoff),
      state_(std::move(setup.state)) {
    if (setup.sends_adverts)
        advert_sender_.emplace(wire_, transmitter_);
}

void Walk::process_burst(const WorkerContext& context, Buffers& buffers, packet::Burst& burst) {
    run_stages(context, buffers, burst);
    if (state_.fragments.releases() != seen_releases_)
        resume_held(context);
}

void Walk::run_stages(const WorkerContext& context, Buffers& buffers, packet::Burst& burst) {
    const packet::BurstCounts counts = packet::process(context.tables, state_, context.now, burst);
    if (!transmitter_.transmit_common(context.tables, buffers, burst, *context.counters.worker))
        transmit_mixed(context, buffers, burst);
    packet::account(context.tables, burst.all_packets(), counts, context.counters);
}

// Any burst that transmit_common() does not take.
void Walk::transmit_mixed(const WorkerContext& context, Buffers& buffers, packet::Burst& burst) {
    if (state_.conflicts.count > 0)
        report_conflicts(context);
    dispatch(context, buffers, burst);
}

// Carries out all actions. Packets leave in the order in which they came: before the fragments of a
// packet leave, the packets ahead of it do.
void Walk::dispatch(const WorkerContext& context, Buffers& buffers, packet::Burst& burst) {
    std::uint32_t first = 0;  // of the packets that have not been transmitted
    for (std::uint32_t i = 0; i < burst.count; ++i) {
        const Frame& frame = burst.frames[i];
        Packet& packet = burst.packets[i];
        switch (packet.action) {
            case Action::kHold:
                hold(context, frame, packet, buffers[i]);
                break;
            case Action::kHandOff:
                hand_off(frame, packet, buffers[i]);
                break;
            case Action::kToKernel:
                kernel_paths_.to_kernel(context.tables, packet, frame, buffers[i], context.now.ms);
                break;
            case Action::kSplit:
                transmitter_.transmit(context.tables, buffers, burst, {first, i},
                                      *context.counters.worker);
                splitter_.split(context, state_, frame, packet, buffers[i]);
                first = i;
                break;
            case Action::kUndecided:
            case Action::kForward:
            case Action::kAnswer:
            case Action::kDrop:
                break;
        }
    }
    transmitter_.transmit(context.tables, buffers, burst, {first, burst.count},
                          *context.counters.worker);
    context.counters.worker->held.set(held_.count());
}

void Walk::report_conflicts(const WorkerContext& context) {
    const std::uint32_t count = std::exchange(state_.conflicts.count, 0);
    context.counters.worker->address_conflicts.add(count);
    if (context.conflicts == nullptr)
        return;
    for (const abi::AddressConflict& one : std::span(state_.conflicts.all).first(count)) {
        if (one.is_same_as(reported_) && one.at_ns - reported_.at_ns < kBetweenReports_ns)
            continue;
        context.conflicts[state_.worker].write(one);
        reported_ = one;
    }
}

void Walk::hold(const WorkerContext& context, const Frame& frame, Packet& packet,
                rte_mbuf*& buffer) {
    const HeldFrame held{buffer, packet.held, packet.held_serial, frame.port()};
    bool is_held = held_.hold(held);
    if (!is_held) {
        held_.displace(state_.fragments, packet.held, context.now.ms);
        resume_held(context);
        is_held = held_.hold(held);
    }
    if (is_held) {
        buffer = nullptr;
        return;
    }
    state_.fragments.cancel_hold(packet.held, packet.held_serial);
    packet.drop(abi::DropReason::kNoBuffer);
}

void Walk::hand_off(const Frame& frame, Packet& packet, rte_mbuf*& buffer) {
    if (handoff_ != nullptr && handoff_->give(packet.worker, buffer, frame.port()))
        buffer = nullptr;
    else
        packet.drop(abi::DropReason::kWorkerBusy);
}

void Walk::update_leases(const WorkerContext& context, const abi::LeaseArea& leases,
                         std::uint64_t now_ns, bool healthy) {
    state_.ownership.update(context.tables.generation, leases, now_ns);
    if (advert_sender_)
        advert_sender_->update(context, leases, now_ns, healthy);
}

void Walk::expire_held(const WorkerContext& context) {
    if (held_.count() > 0)
        resume_held(context);
}

void Walk::flush(const WorkerContext& context) {
    expire_held(context);
    const std::uint64_t later_ms = context.now.ms + packet::kFragmentTimeout_ms + 1;
    expire_held({context.tables, context.counters, packet::Moment::from_ms(later_ms)});
}

// Sends the held frames that are due through all stages a second time.
void Walk::resume_held(const WorkerContext& context) {
    seen_releases_ = state_.fragments.releases();
    held_.find_due(state_.fragments, context.now.ms);
    std::array<HeldFrame, packet::kBurstSize> due;
    while (const std::uint32_t count = held_.take_due(due)) {
        for (std::uint32_t i = 0; i < count; ++i) {
            resumed_buffers_[i] = due[i].buffer;
            resumed_.frames[i] = wire_.frame(due[i].buffer, due[i].port);
        }
        resumed_.count = count;
        resumed_.resumed = true;
        run_stages(context, resumed_buffers_, resumed_);
    }
    context.counters.worker->held.set(held_.count());
}

}  // namespace vipfwd::path
