// SPDX-License-Identifier: Apache-2.0
// What the peer sends over a memif: plain packets (TCP) to one service, an attack on another one
// (UDP, on the same port), or both together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "dataplane/packet/headers.h"
#include "dataplane/packet/packet.h"
#include "tests/bench/traffic.h"

namespace vipfwd::bench {

// Where a frame of plain traffic has room for the time when it was sent: at its end.
inline constexpr std::size_t kStampBytes = 6;

// All kinds of traffic, by name:
//
//   plain               whole TCP packets
//   attacked            whole UDP datagrams, which begin the flows that the attacks are about
//   fragments           UDP datagrams in two fragments
//   icmp_errors         ICMP errors about UDP datagrams
//   plain+fragments     plain packets, with 30 % of the frames from the attack
//   plain+icmp_errors
std::map<std::string, TrafficSpec> peer_traffics();

// Whether a frame is of a plain packet, as it was sent or with an IPv4 header in front of it.
inline bool is_plain(std::span<const std::uint8_t> frame) {
    constexpr std::size_t kProtocolAt = kIpAt + offsetof(packet::Ipv4Header, protocol);
    std::uint8_t protocol = frame[kProtocolAt];
    if (protocol == packet::kIpProtocolIpip)
        protocol = frame[kProtocolAt + sizeof(packet::Ipv4Header)];
    return protocol == packet::kIpProtocolTcp;
}

// Yields the frames of a traffic one by one.
class FrameSource {
  public:
    explicit FrameSource(const TrafficSpec& spec)
        : traffic_(spec), burst_(std::make_unique<packet::Burst>()) {}

    // The bytes are valid until the next call.
    std::span<const std::uint8_t> next() {
        if (next_ == burst_->count) {
            traffic_.make(*burst_);
            next_ = 0;
        }
        return burst_->frames[next_++].bytes();
    }

  private:
    Traffic traffic_;
    std::unique_ptr<packet::Burst> burst_;
    std::uint32_t next_ = 0;  // frame of the burst
};

}  // namespace vipfwd::bench
