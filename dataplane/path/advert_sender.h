// SPDX-License-Identifier: Apache-2.0
// Sends what the gateway says unasked: adverts and announcements (see packet/advert_scheduler.h).
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

    // As AdvertScheduler::look().
    void look(const WorkerContext& context, const abi::LeaseArea& leases, std::uint64_t now_ns,
              bool healthy) {
        scheduler_.look(context.tables, leases, now_ns, healthy);
    }

    // Sends some of the frames that are due: no more at once than packets of a service, which must
    // not wait for them.
    void speak(const WorkerContext& context);

  private:
    bool sign(const WorkerContext& context, const packet::OutgoingFrame& speech);
    void send(const WorkerContext& context);

    Wire& wire_;
    Transmitter& transmitter_;
    packet::AdvertScheduler scheduler_;
    abi::AdvertSigner signer_;
    std::array<std::uint8_t, abi::kAdvertBytes> frame_;
    // To be sent by one port, in one go.
    Buffers burst_;
    std::array<std::uint32_t, packet::kBurstSize> lengths_;  // in bytes
    std::uint32_t count_ = 0;
    std::uint8_t port_ = 0;
};

}  // namespace vipfwd::path
