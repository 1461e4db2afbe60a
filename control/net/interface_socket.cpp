// SPDX-License-Identifier: Apache-2.0
#include "control/net/interface_socket.h"

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "dataplane/abi/clock.h"

namespace vipfwd::net {
namespace {

constexpr std::size_t kLongestPacket = 2048;
constexpr std::size_t kMaxPerDrain = 4096;  // some milliseconds: a flood must not block the loop

IpAddress address_of(const in6_addr& address) {
    IpAddress converted;
    std::memcpy(converted.bytes.data(), &address, sizeof address);
    return converted;
}

// One packet with its control messages.
class Datagram {
  public:
    // False if no packet has arrived.
    bool receive(int fd) {
        iovec vector{bytes_.data(), bytes_.size()};
        msghdr message{};
        message.msg_name = &from_;
        message.msg_namelen = sizeof from_;
        message.msg_iov = &vector;
        message.msg_iovlen = 1;
        message.msg_control = control_.data();
        message.msg_controllen = control_.size();
        const ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
        if (length < 0)
            return false;
        size_ = static_cast<std::size_t>(length);
        message_ = message;
        return true;
    }

    std::optional<ReceivedPacket> packet(bool is_v4, bool has_ip_header,
                                         std::int64_t to_monotonic_ns) const {
        ReceivedPacket packet;
        const std::span all(bytes_.data(), size_);
        if (is_v4 && has_ip_header) {
            const std::size_t header_bytes = size_ >= 20 ? (all[0] & 0xfu) * 4u : 0;
            if (header_bytes < 20 || header_bytes > size_)
                return std::nullopt;
            packet.ttl = all[8];
            packet.source = v4(all.subspan(12, 4));
            packet.destination = v4(all.subspan(16, 4));
            packet.payload = all.subspan(header_bytes);
        } else if (is_v4) {
            sockaddr_in from{};
            std::memcpy(&from, &from_, sizeof from);
            packet.source = IpAddress::from_v4(Be32{from.sin_addr.s_addr});
            packet.payload = all;
        } else {
            sockaddr_in6 from{};
            std::memcpy(&from, &from_, sizeof from);
            packet.source = address_of(from.sin6_addr);
            packet.payload = all;
        }
        read_control(packet, to_monotonic_ns);
        packet.wall_ns = packet.received_ns - to_monotonic_ns;
        return packet;
    }

  private:
    static IpAddress v4(std::span<const std::uint8_t> bytes) {
        Be32 address;
        std::memcpy(&address, bytes.data(), sizeof address);
        return IpAddress::from_v4(address);
    }

    // The timestamp is clamped: if CLOCK_REALTIME was set since, the conversion would place the
    // packet in the future or in the distant past.
    void read_control(ReceivedPacket& packet, std::int64_t to_monotonic_ns) const {
        const std::int64_t now_ns = monotonic_ns();
        packet.received_ns = now_ns;
        msghdr message = message_;
        for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
            if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
                timespec stamp{};
                std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
                const std::int64_t received_ns =
                    stamp.tv_sec * kNanosecondsPerS + stamp.tv_nsec + to_monotonic_ns;
                packet.received_ns =
                    std::clamp(received_ns, now_ns - 600 * kNanosecondsPerS, now_ns);
            } else if ((part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_HOPLIMIT) ||
                       (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_TTL)) {
                int limit = 0;
                std::memcpy(&limit, CMSG_DATA(part), sizeof limit);
                packet.ttl = static_cast<std::uint8_t>(limit);
            } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
                in6_pktinfo info{};
                std::memcpy(&info, CMSG_DATA(part), sizeof info);
                packet.destination = address_of(info.ipi6_addr);
            } else if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
                in_pktinfo info{};
                std::memcpy(&info, CMSG_DATA(part), sizeof info);
                packet.destination = IpAddress::from_v4(Be32{info.ipi_addr.s_addr});
            }
        }
    }

    std::array<std::uint8_t, kLongestPacket> bytes_;
    alignas(cmsghdr) std::array<char, 256> control_;
    sockaddr_storage from_{};
    std::size_t size_ = 0;
    msghdr message_{};
};

template <typename Info>
int send_with(int fd, std::span<const std::uint8_t> payload, const sockaddr* to, socklen_t to_bytes,
              int level, int type, const Info& info) {
    iovec vector{const_cast<std::uint8_t*>(payload.data()), payload.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Info))> control{};
    msghdr message{};
    message.msg_name = const_cast<sockaddr*>(to);
    message.msg_namelen = to_bytes;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = level;
    part->cmsg_type = type;
    part->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(part), &info, sizeof info);
    return sendmsg(fd, &message, MSG_DONTWAIT) < 0 ? errno : 0;
}

}  // namespace

bool set_option(int fd, int level, int option, int value) {
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

bool bind_to_interface(int fd, const std::string& interface) {
    const auto bytes = static_cast<socklen_t>(interface.size());
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(), bytes) == 0;
}

bool InterfaceSocket::interface_exists() const {
    char name[IF_NAMESIZE];
    return if_indextoname(static_cast<unsigned>(interface_), name) != nullptr;
}

bool InterfaceSocket::has_packets() const {
    pollfd waiting{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, 0) > 0;
}

void InterfaceSocket::drain(const Sink& sink) {
    const std::int64_t to_monotonic_ns = monotonic_ns() - clock_ns(CLOCK_REALTIME);
    Datagram datagram;
    for (std::size_t i = 0; i < kMaxPerDrain && datagram.receive(fd_.get()); ++i) {
        if (const auto packet = datagram.packet(is_v4_, udp_port_ == 0, to_monotonic_ns))
            sink(*packet);
    }
}

int send_from(int fd, std::span<const std::uint8_t> payload, const IpAddress& source,
              const IpAddress& destination, int interface, std::uint16_t udp_port) {
    if (destination.is_v4()) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = Be16::from_host(udp_port).raw;
        to.sin_addr.s_addr = destination.v4().raw;
        in_pktinfo info{};
        info.ipi_ifindex = interface;
        if (!source.is_none())
            info.ipi_spec_dst.s_addr = source.v4().raw;
        return send_with(fd, payload, reinterpret_cast<const sockaddr*>(&to), sizeof to, IPPROTO_IP,
                         IP_PKTINFO, info);
    }
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = Be16::from_host(udp_port).raw;
    to.sin6_scope_id = static_cast<std::uint32_t>(interface);
    std::memcpy(&to.sin6_addr, destination.bytes.data(), sizeof to.sin6_addr);
    in6_pktinfo info{};
    info.ipi6_ifindex = static_cast<unsigned>(interface);
    std::memcpy(&info.ipi6_addr, source.bytes.data(), sizeof info.ipi6_addr);
    return send_with(fd, payload, reinterpret_cast<const sockaddr*>(&to), sizeof to, IPPROTO_IPV6,
                     IPV6_PKTINFO, info);
}

void InterfaceSocket::send(std::span<const std::uint8_t> payload, const IpAddress& source,
                           const IpAddress& destination) {
    (void)send_from(fd_.get(), payload, source, destination, interface_, udp_port_);
}

}  // namespace vipfwd::net
