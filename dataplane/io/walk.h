// SPDX-License-Identifier: Apache-2.0
// What one worker does with a burst, from its arrival until nothing of it is left: through the
// packet core, and then wherever that decided. And what it must remember for that.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dataplane/io/hand_over.h"
#include "dataplane/io/held.h"
#include "dataplane/io/herald.h"
#include "dataplane/io/kernel_path.h"
#include "dataplane/io/split.h"
#include "dataplane/io/transmit.h"
#include "dataplane/io/turn.h"
#include "dataplane/io/wire.h"
#include "dataplane/packet/memory.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::io {

class Walk {
  public:
    struct Setup {
        std::uint16_t queue = 0;  // the worker's, on every port and tap
        std::vector<TransmitPort> ports;
        std::vector<KernelPort> kernel_ports;
        HandOver* others = nullptr;  // null: there are none
        packet::Memory memory;
        bool is_herald = false;  // it advertises and announces
    };
    Walk(Wire& wire, Setup setup);
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;

    // Decides, transmits and accounts the burst: no buffer of it remains. Held fragments that can
    // go now follow.
    void go(const Turn& turn, Buffers& buffers, packet::Burst& burst);

    // Fragments whose datagram did not come in time go. To be called about every millisecond.
    void expire(const Turn& turn);
    // All that is held goes: forwarded if its datagram is known, else as if its time were over.
    void let_go(const Turn& turn);

    // Looks at the leases, as Speaker::look() wants it.
    void look(const Turn& turn, const abi::LeaseArea& leases, std::uint64_t now_ns, bool healthy);
    // Adverts and announcements that are due leave.
    void speak(const Turn& turn) {
        if (herald_)
            herald_->speak(turn);
    }

    // Frames from the kernel leave by their ports. Returns how many there were.
    std::uint32_t relay() { return kernel_paths_.relay(); }

    packet::FlowTable& flows() { return memory_.flows; }

  private:
    void pass(const Turn& turn, Buffers& buffers, packet::Burst& burst);
    void place(const Turn& turn, Buffers& buffers, packet::Burst& burst);
    void divert(const Turn& turn, Buffers& buffers, packet::Burst& burst);
    void hold(const packet::Frame& frame, packet::Packet& packet, rte_mbuf*& buffer);
    void hand_over(const packet::Frame& frame, packet::Packet& packet, rte_mbuf*& buffer);
    void resume(const Turn& turn);

    Wire& wire_;
    Transmitter transmitter_;
    KernelPaths kernel_paths_;
    Splitter splitter_;
    std::optional<Herald> herald_;
    HandOver* others_;
    packet::Memory memory_;
    HeldFrames held_;
    std::uint64_t releases_ = 0;  // FragmentTable's, as they were last examined
    Buffers resumed_buffers_{};
    packet::Burst resumed_;
};

}  // namespace vipfwd::io
