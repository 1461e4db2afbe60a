// SPDX-License-Identifier: Apache-2.0
// What one worker does with a burst, from its arrival until nothing of it is left: through the
// packet core, and then wherever that decided. And what it must remember for that.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"
#include "dataplane/path/advert_sender.h"
#include "dataplane/path/handoff.h"
#include "dataplane/path/held_frames.h"
#include "dataplane/path/kernel_path.h"
#include "dataplane/path/split.h"
#include "dataplane/path/transmit.h"
#include "dataplane/path/wire.h"
#include "dataplane/path/worker_context.h"

namespace vipfwd::path {

class Walk {
  public:
    struct Setup {
        std::uint16_t queue = 0;  // the worker's, on every port and tap
        std::vector<TransmitPort> ports;
        std::vector<KernelPort> kernel_ports;
        Handoff* others = nullptr;  // null: there are none
        packet::WorkerState state;
        bool sends_adverts = false;  // it advertises and announces
    };
    Walk(Wire& wire, Setup setup);
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;

    // Decides, transmits and accounts the burst: no buffer of it remains. Held fragments that can
    // go now follow.
    void go(const WorkerContext& context, Buffers& buffers, packet::Burst& burst);

    // Fragments whose datagram did not come in time go. To be called about every millisecond.
    void expire(const WorkerContext& context);
    // All that is held goes: forwarded if its datagram is known, else as if its time were over.
    void let_go(const WorkerContext& context);

    // Looks at the leases, as AdvertScheduler::look() wants it.
    void look(const WorkerContext& context, const abi::LeaseArea& leases, std::uint64_t now_ns,
              bool healthy);
    // Adverts and announcements that are due leave.
    void speak(const WorkerContext& context) {
        if (advert_sender_)
            advert_sender_->speak(context);
    }

    // Frames from the kernel leave by their ports. Returns how many there were.
    std::uint32_t relay() { return kernel_paths_.relay(); }

    packet::FlowTable& flows() { return state_.flows; }

  private:
    void pass(const WorkerContext& context, Buffers& buffers, packet::Burst& burst);
    void place(const WorkerContext& context, Buffers& buffers, packet::Burst& burst);
    void divert(const WorkerContext& context, Buffers& buffers, packet::Burst& burst);
    void hold(const packet::Frame& frame, packet::Packet& packet, rte_mbuf*& buffer);
    void hand_over(const packet::Frame& frame, packet::Packet& packet, rte_mbuf*& buffer);
    void resume(const WorkerContext& context);

    Wire& wire_;
    Transmitter transmitter_;
    KernelPaths kernel_paths_;
    Splitter splitter_;
    std::optional<AdvertSender> advert_sender_;
    Handoff* others_;
    packet::WorkerState state_;
    HeldFrames held_;
    std::uint64_t releases_ = 0;  // FragmentTable's, as they were last examined
    Buffers resumed_buffers_{};
    packet::Burst resumed_;
};

}  // namespace vipfwd::path
