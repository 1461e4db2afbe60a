// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/walk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dataplane/packet/account.h"
#include "dataplane/packet/pipeline.h"

namespace vipfwd::path {
namespace {

using packet::Action;
using packet::Frame;
using packet::Packet;

bool is_common(const Packet& packet) {
    return packet.action == Action::kForward || packet.action == Action::kAnswer ||
           packet.action == Action::kDrop;
}

}  // namespace

Walk::Walk(Wire& wire, Setup setup)
    : wire_(wire),
      transmitter_(wire, std::move(setup.ports), setup.queue),
      kernel_paths_(wire, transmitter_, std::move(setup.kernel_ports), setup.queue),
      splitter_(wire, transmitter_),
      others_(setup.others),
      state_(std::move(setup.state)) {
    if (setup.sends_adverts)
        advert_sender_.emplace(wire_, transmitter_);
}

void Walk::go(const WorkerContext& context, Buffers& buffers, packet::Burst& burst) {
    pass(context, buffers, burst);
    if (state_.fragments.releases() != releases_)
        resume(context);
}

void Walk::pass(const WorkerContext& context, Buffers& buffers, packet::Burst& burst) {
    const packet::BurstCounts counts = packet::process(context.tables, state_, context.now, burst);
    if (!transmitter_.transmit_common(context.tables, buffers, burst, *context.counters.worker))
        place(context, buffers, burst);
    packet::account(context.tables, burst.all_packets(), counts, context.counters);
}

// A burst of various packets.
void Walk::place(const WorkerContext& context, Buffers& buffers, packet::Burst& burst) {
    const auto packets = burst.all_packets();
    if (!std::all_of(packets.begin(), packets.end(), is_common))
        divert(context, buffers, burst);
    transmitter_.transmit(context.tables, buffers, burst, *context.counters.worker);
}

// What does not simply leave or end here.
void Walk::divert(const WorkerContext& context, Buffers& buffers, packet::Burst& burst) {
    for (std::uint32_t i = 0; i < burst.count; ++i) {
        const Frame& frame = burst.frames[i];
        Packet& packet = burst.packets[i];
        switch (packet.action) {
            case Action::kHold:
                hold(frame, packet, buffers[i]);
                break;
            case Action::kHandOff:
                hand_over(frame, packet, buffers[i]);
                break;
            case Action::kToKernel:
                kernel_paths_.give(packet, frame, buffers[i], context.now.ms);
                break;
            case Action::kSplit:
                splitter_.split(context, state_, frame, packet, buffers[i]);
                break;
            case Action::kUndecided:
            case Action::kForward:
            case Action::kAnswer:
            case Action::kDrop:
                break;
        }
    }
    context.counters.worker->held.set(held_.count());
}

void Walk::hold(const Frame& frame, Packet& packet, rte_mbuf*& buffer) {
    if (held_.hold({buffer, packet.held, packet.held_serial, frame.port()})) {
        buffer = nullptr;
        return;
    }
    state_.fragments.give_up(packet.held, packet.held_serial);
    packet.drop(abi::DropReason::kNoBuffer);
}

void Walk::hand_over(const Frame& frame, Packet& packet, rte_mbuf*& buffer) {
    if (others_ != nullptr && others_->give(packet.worker, buffer, frame.port()))
        buffer = nullptr;
    else
        packet.drop(abi::DropReason::kWorkerBusy);
}

void Walk::look(const WorkerContext& context, const abi::LeaseArea& leases, std::uint64_t now_ns,
                bool healthy) {
    state_.ownership.look(context.tables.generation, leases, now_ns);
    if (advert_sender_)
        advert_sender_->look(context, leases, now_ns, healthy);
}

void Walk::expire(const WorkerContext& context) {
    if (held_.count() > 0)
        resume(context);
}

void Walk::let_go(const WorkerContext& context) {
    expire(context);
    const std::uint64_t later_ms = context.now.ms + packet::kFragmentTimeout_ms + 1;
    expire({context.tables, context.counters, packet::Moment::from_ms(later_ms)});
}

// Those held that need not wait any longer go through all stages once more.
void Walk::resume(const WorkerContext& context) {
    releases_ = state_.fragments.releases();
    held_.examine(state_.fragments, context.now.ms);
    std::array<HeldFrame, packet::kBurstSize> due;
    while (const std::uint32_t count = held_.take_due(due)) {
        for (std::uint32_t i = 0; i < count; ++i) {
            resumed_buffers_[i] = due[i].buffer;
            resumed_.frames[i] = wire_.frame(due[i].buffer, due[i].port);
        }
        resumed_.count = count;
        resumed_.resumed = true;
        pass(context, resumed_buffers_, resumed_);
    }
    context.counters.worker->held.set(held_.count());
}

}  // namespace vipfwd::path
