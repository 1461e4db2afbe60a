// SPDX-License-Identifier: Apache-2.0
// VRRP by way of the kernel, on one interface and over one family: what others advertise, and for
// when the dataplane cannot, what we do. Needs CAP_NET_RAW.
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

// What was received: the IP payload and what it says of the packet around it.
struct ReceivedAdvert {
    std::span<const std::uint8_t> payload;
    IpAddress source;
    IpAddress destination;
    std::uint8_t ttl = 0;  // or hop limit
    // When the kernel received it, CLOCK_MONOTONIC: it may have waited since.
    std::int64_t received_ns = 0;
    std::int64_t wall_ns = 0;  // the same, CLOCK_REALTIME as it is now
};

class AdvertSocket {
  public:
    using Sink = std::function<void(const ReceivedAdvert&)>;

    // Receives what is sent to the interface's own addresses and to the multicast group of VRRP.
    static Result<AdvertSocket> open(const std::string& interface, bool is_v4);

    int fd() const { return fd_.get(); }
    // False once the interface that it was opened on is gone: another may have its name now.
    bool is_there() const;

    // Calls `sink` for everything that has arrived by now, in order.
    void drain(const Sink& sink);

    // `payload` is an advert for `destination`, with the source's checksum. An error is no more
    // than a lost packet.
    void send(std::span<const std::uint8_t> payload, const IpAddress& source,
              const IpAddress& destination);

  private:
    AdvertSocket(abi::Fd fd, bool is_v4, int interface)
        : fd_(std::move(fd)), is_v4_(is_v4), interface_(interface) {}

    abi::Fd fd_;
    bool is_v4_;
    int interface_;  // its number
};

}  // namespace vipfwd::net
