// SPDX-License-Identifier: Apache-2.0
// What one worker does with a burst of frames: the stages of the packet core decide each packet,
// then the walk carries the decisions out, until the burst owns no buffer any more. A Walk also has
// everything that a worker keeps from one burst to the next.
//
// Only the thread of its worker uses a Walk. It does not allocate (except that libcrypto does when
// an advert is signed), log or wait.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dataplane/packet/packet.h"
#include "dataplane/packet/worker_state.h"
#include "dataplane/path/advert_sender.h"
#include "dataplane/path/handoff.h"
#include "dataplane/path/held_frames.h"
#include "dataplane/path/kernel_path.h"
#include "dataplane/path/queue_wait.h"
#include "dataplane/path/split.h"
#include "dataplane/path/transmit.h"
#include "dataplane/path/wire.h"
#include "dataplane/path/worker_context.h"

namespace vipfwd::path {

class Walk {
  public:
    struct Setup {
        std::uint16_t queue = 0;  // the worker's queue number on every port and tap
        std::vector<TransmitPort> ports;
        std::vector<KernelPort> kernel_ports;
        Handoff* handoff = nullptr;  // to the other workers; null if there are none
        packet::WorkerState state;
        bool sends_adverts = false;
    };
    Walk(Wire& wire, Setup setup);
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;

    // Decides, transmits and accounts a burst, and then the held fragments whose datagram became
    // known by it. The burst owns no buffer afterwards.
    void process_burst(const WorkerContext& context, Buffers& buffers, packet::Burst& burst);

    // Drops held fragments whose first fragment did not come in time. Call it about every
    // millisecond.
    void expire_held(const WorkerContext& context);
    // Releases all held fragments: forwards those whose datagram is known and drops the others, as
    // if their time were over.
    void flush(const WorkerContext& context);

    // Reads the leases: which VIPs this gateway answers for, which adverts are due. `healthy`: see
    // AdvertScheduler::update().
    void update_leases(const WorkerContext& context, const abi::LeaseArea& leases,
                       std::uint64_t now_ns, bool healthy);
    // Sends adverts and announcements that are due.
    void send_due_adverts(const WorkerContext& context) {
        if (advert_sender_)
            advert_sender_->send_due(context);
    }

    // When update_leases() should be called next although nothing has changed.
    std::uint64_t next_lease_update_ns(const WorkerContext& context) const {
        return advert_sender_ ? advert_sender_->next_update_ns(context)
                              : packet::AdvertScheduler::kNever;
    }
    // Whether fragments are held, whose time may end.
    bool holds_frames() const { return held_.count() > 0; }

    // Sends frames from the kernel by their ports. Returns the number of frames.
    std::uint32_t relay_from_kernel() { return kernel_paths_.relay_from_kernel(); }
    // The queues that relay_from_kernel() receives from.
    void add_queues_to(QueueWait& wait) const { kernel_paths_.add_queues_to(wait); }

    // By port number: replaces the devices that the ports had.
    void use_ports(std::span<const TransmitPort> ports) { transmitter_.use_ports(ports); }

    packet::FlowTable& flows() { return state_.flows; }

  private:
    void run_stages(const WorkerContext& context, Buffers& buffers, packet::Burst& burst);
    void transmit_mixed(const WorkerContext& context, Buffers& buffers, packet::Burst& burst);
    void dispatch(const WorkerContext& context, Buffers& buffers, packet::Burst& burst);
    void report_conflicts(const WorkerContext& context);
    void hold(const WorkerContext& context, const packet::Frame& frame, packet::Packet& packet,
              rte_mbuf*& buffer);
    void hand_off(const packet::Frame& frame, packet::Packet& packet, rte_mbuf*& buffer);
    void resume_held(const WorkerContext& context);

    Wire& wire_;
    Transmitter transmitter_;
    KernelPaths kernel_paths_;
    Splitter splitter_;
    std::optional<AdvertSender> advert_sender_;
    Handoff* handoff_;
    packet::WorkerState state_;
    HeldFrames held_;
    std::uint64_t seen_releases_ = 0;  // FragmentTable::releases() when held_ was last examined
    abi::AddressConflict reported_;    // the last conflict that was written to the log
    Buffers resumed_buffers_{};
    packet::Burst resumed_;
};

}  // namespace vipfwd::path
