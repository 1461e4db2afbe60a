// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/walk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dataplane/packet/account.h"
#include "dataplane/packet/pipeline.h"

namespace vipfwd::io {
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
      memory_(std::move(setup.memory)) {
    if (setup.is_herald)
        herald_.emplace(wire_, transmitter_);
}

void Walk::go(const Turn& turn, Buffers& buffers, packet::Burst& burst) {
    pass(turn, buffers, burst);
    if (memory_.fragments.releases() != releases_)
        resume(turn);
}

void Walk::pass(const Turn& turn, Buffers& buffers, packet::Burst& burst) {
    const packet::Events events = packet::process(turn.tables, memory_, turn.now, burst);
    if (!transmitter_.transmit_common(turn.tables, buffers, burst, *turn.counters.worker))
        place(turn, buffers, burst);
    packet::account(turn.tables, burst.all_packets(), events, turn.counters);
}

// A burst of various packets.
void Walk::place(const Turn& turn, Buffers& buffers, packet::Burst& burst) {
    const auto packets = burst.all_packets();
    if (!std::all_of(packets.begin(), packets.end(), is_common))
        divert(turn, buffers, burst);
    transmitter_.transmit(turn.tables, buffers, burst, *turn.counters.worker);
}

// What does not simply leave or end here.
void Walk::divert(const Turn& turn, Buffers& buffers, packet::Burst& burst) {
    for (std::uint32_t i = 0; i < burst.count; ++i) {
        const Frame& frame = burst.frames[i];
        Packet& packet = burst.packets[i];
        switch (packet.action) {
            case Action::kHold:
                hold(frame, packet, buffers[i]);
                break;
            case Action::kHandOver:
                hand_over(frame, packet, buffers[i]);
                break;
            case Action::kToKernel:
                kernel_paths_.give(packet, frame, buffers[i], turn.now.ms);
                break;
            case Action::kSplit:
                splitter_.split(turn, memory_, frame, packet, buffers[i]);
                break;
            case Action::kUndecided:
            case Action::kForward:
            case Action::kAnswer:
            case Action::kDrop:
                break;
        }
    }
    turn.counters.worker->held.set(held_.count());
}

void Walk::hold(const Frame& frame, Packet& packet, rte_mbuf*& buffer) {
    if (held_.hold({buffer, packet.held, packet.held_serial, frame.port()})) {
        buffer = nullptr;
        return;
    }
    memory_.fragments.give_up(packet.held, packet.held_serial);
    packet.drop(abi::DropReason::kNoBuffer);
}

void Walk::hand_over(const Frame& frame, Packet& packet, rte_mbuf*& buffer) {
    if (others_ != nullptr && others_->give(packet.worker, buffer, frame.port()))
        buffer = nullptr;
    else
        packet.drop(abi::DropReason::kWorkerBusy);
}

void Walk::look(const Turn& turn, const abi::LeaseArea& leases, std::uint64_t now_ns,
                bool healthy) {
    memory_.ownership.look(turn.tables.generation, leases, now_ns);
    if (herald_)
        herald_->look(turn, leases, now_ns, healthy);
}

void Walk::expire(const Turn& turn) {
    if (held_.count() > 0)
        resume(turn);
}

void Walk::let_go(const Turn& turn) {
    expire(turn);
    const std::uint64_t later_ms = turn.now.ms + packet::kFragmentTimeout_ms + 1;
    expire({turn.tables, turn.counters, packet::Moment::from_ms(later_ms)});
}

// Those held that need not wait any longer go through all stages once more.
void Walk::resume(const Turn& turn) {
    releases_ = memory_.fragments.releases();
    held_.examine(memory_.fragments, turn.now.ms);
    std::array<HeldFrame, packet::kBurstSize> due;
    while (const std::uint32_t count = held_.take_due(due)) {
        for (std::uint32_t i = 0; i < count; ++i) {
            resumed_buffers_[i] = due[i].buffer;
            resumed_.frames[i] = wire_.frame(due[i].buffer, due[i].port);
        }
        resumed_.count = count;
        resumed_.resumed = true;
        pass(turn, resumed_buffers_, resumed_);
    }
    turn.counters.worker->held.set(held_.count());
}

}  // namespace vipfwd::io
