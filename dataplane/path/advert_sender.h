// SPDX-License-Identifier: Apache-2.0
// Sends the adverts and announcements that packet::AdvertScheduler says are due, and signs those of
// groups with a key. Only one worker has an AdvertSender.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/lease.h"
#include "dataplane/packet/advert_scheduler.h"
#include "dataplane/path/transmit.h"
#include "dataplane/path/wire.h"
#include "dataplane/path/worker_context.h"

namespace vipfwd::path {

class AdvertSender {
  public:
    AdvertSender(Wire& wire, Transmitter& transmitter) : wire_(wire), transmitter_(transmitter) {}

    // See AdvertScheduler::update(). Also reads the address conflicts that all workers and control
    // noticed.
    void update(const WorkerContext& context, const abi::LeaseArea& leases, std::uint64_t now_ns,
                bool healthy);

    // See AdvertScheduler::next_update_ns().
    std::uint64_t next_update_ns(const WorkerContext& context) const {
        return scheduler_.next_update_ns(context.tables, *context.leases);
    }

    // Sends frames that are due, at most one burst, so that packets of services do not wait long.
    void send_due(const WorkerContext& context);

  private:
    void read_conflicts(const WorkerContext& context, const abi::LeaseArea& leases,
                        std::uint64_t now_ns);
    bool sign(const WorkerContext& context, const packet::OutgoingFrame& outgoing);
    void send_burst(const WorkerContext& context);

    Wire& wire_;
    Transmitter& transmitter_;
    packet::AdvertScheduler scheduler_;
    std::array<abi::ConflictReader, abi::kMaxWorkers> conflict_readers_;  // by worker
    abi::ConflictReader control_reader_;
    abi::AdvertSigner signer_;
    std::array<std::uint8_t, abi::kAdvertBytes> frame_;
    // Frames to be sent together, all by port_.
    Buffers burst_;
    std::array<std::uint32_t, packet::kBurstSize> lengths_;  // in bytes
    std::uint32_t count_ = 0;
    std::uint8_t port_ = 0;
};

}  // namespace vipfwd::path
