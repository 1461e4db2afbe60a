// SPDX-License-Identifier: Apache-2.0
// Sends what the gateway says unasked: adverts and announcements (see packet/speaker.h).
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/lease.h"
#include "dataplane/io/transmit.h"
#include "dataplane/io/turn.h"
#include "dataplane/io/wire.h"
#include "dataplane/packet/speaker.h"

namespace vipfwd::io {

class Herald {
  public:
    Herald(Wire& wire, Transmitter& transmitter) : wire_(wire), transmitter_(transmitter) {}

    // As Speaker::look().
    void look(const Turn& turn, const abi::LeaseArea& leases, std::uint64_t now_ns, bool healthy) {
        speaker_.look(turn.tables, leases, now_ns, healthy);
    }

    // Sends some of the frames that are due: no more at once than packets of a service, which must
    // not wait for them.
    void speak(const Turn& turn);

  private:
    bool sign(const Turn& turn, const packet::Speech& speech);
    void send(const Turn& turn);

    Wire& wire_;
    Transmitter& transmitter_;
    packet::Speaker speaker_;
    abi::AdvertSigner signer_;
    std::array<std::uint8_t, abi::kAdvertBytes> frame_;
    // To be sent by one port, in one go.
    Buffers burst_;
    std::array<std::uint32_t, packet::kBurstSize> lengths_;  // in bytes
    std::uint32_t count_ = 0;
    std::uint8_t port_ = 0;
};

}  // namespace vipfwd::io
