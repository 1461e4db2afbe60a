// SPDX-License-Identifier: Apache-2.0
// A socket on one kernel interface and of one IP family, whose packets come with the facts of their
// headers and leave from a chosen source address. AdvertSocket and PeerSocket open them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "dataplane/abi/address.h"
#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::net {

// The payload of a received packet, and the facts of its IP header.
struct ReceivedPacket {
    std::span<const std::uint8_t> payload;
    IpAddress source;
    IpAddress destination;
    std::uint8_t ttl = 0;  // or hop limit
    // When the kernel received the packet (CLOCK_MONOTONIC): it may have waited in the socket
    // since.
    std::int64_t received_ns = 0;
    std::int64_t wall_ns = 0;  // the same moment by CLOCK_REALTIME as it is set now
};

class InterfaceSocket {
  public:
    using Sink = std::function<void(const ReceivedPacket&)>;

    int fd() const { return fd_.get(); }
    // False once the interface that the socket was opened on is gone. Another interface may have
    // its name by then.
    bool interface_exists() const;

    // Whether a packet has arrived that drain() has not passed on.
    bool has_packets() const;

    // Calls `sink` for each packet that has arrived, in order, up to a few milliseconds of work.
    void drain(const Sink& sink);

    // Best effort: an error counts as a lost packet.
    void send(std::span<const std::uint8_t> payload, const IpAddress& source,
              const IpAddress& destination);

  protected:
    // `interface` is its number. `udp_port`, of both ends; 0: a raw socket.
    InterfaceSocket(abi::Fd fd, bool is_v4, int interface, std::uint16_t udp_port)
        : fd_(std::move(fd)), is_v4_(is_v4), interface_(interface), udp_port_(udp_port) {}

  private:
    abi::Fd fd_;
    bool is_v4_;
    int interface_;
    std::uint16_t udp_port_;
};

// Sends one packet from `source`; if that is none, the kernel chooses the source. It leaves by the
// interface of that number, or as routed if the number is 0. Returns 0 or an errno. Never waits.
int send_from(int fd, std::span<const std::uint8_t> payload, const IpAddress& source,
              const IpAddress& destination, int interface = 0, std::uint16_t udp_port = 0);

// For opening them; false if the kernel refuses.
bool set_option(int fd, int level, int option, int value);
bool bind_to_interface(int fd, const std::string& interface);

}  // namespace vipfwd::net
