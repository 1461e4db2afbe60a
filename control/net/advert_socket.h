// SPDX-License-Identifier: Apache-2.0
// A raw socket for VRRP adverts on one kernel interface and of one IP family. It receives the
// adverts of other gateways. It sends adverts only when the dataplane cannot. Needs CAP_NET_RAW.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "control/loop/loop.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::net {

// The IP payload of a received packet, and the facts of its header that the election needs.
struct ReceivedAdvert {
    std::span<const std::uint8_t> payload;
    IpAddress source;
    IpAddress destination;
    std::uint8_t ttl = 0;  // or hop limit
    // When the kernel received the packet (CLOCK_MONOTONIC): it may have waited in the socket
    // since.
    std::int64_t received_ns = 0;
    std::int64_t wall_ns = 0;  // the same moment by CLOCK_REALTIME as it is set now
};

class AdvertSocket {
  public:
    using Sink = std::function<void(const ReceivedAdvert&)>;

    // Receives packets to the interface's own addresses and to the multicast group of VRRP.
    static Result<AdvertSocket> open(const std::string& interface, bool is_v4);

    int fd() const { return fd_.get(); }
    // False once the interface that the socket was opened on is gone. Another interface may have
    // its name by then.
    bool interface_exists() const;

    // Calls `sink` for each packet that has arrived, in order, up to a few milliseconds of work.
    void drain(const Sink& sink);

    // Sends `payload`, an advert whose checksum is computed for `source` and `destination`. Best
    // effort: an error counts as a lost packet.
    void send(std::span<const std::uint8_t> payload, const IpAddress& source,
              const IpAddress& destination);

  private:
    AdvertSocket(abi::Fd fd, bool is_v4, int interface)
        : fd_(std::move(fd)), is_v4_(is_v4), interface_(interface) {}

    abi::Fd fd_;
    bool is_v4_;
    int interface_;  // the interface's number
};

}  // namespace vipfwd::net
