// SPDX-License-Identifier: Apache-2.0
#include "control/net/advert_socket.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "control/vrrp/advert.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::net {
namespace {

constexpr int kPriority = 6;  // TC_PRIO_INTERACTIVE: before all other packets that the kernel sends
// The receive queue holds seconds of adverts, at a hundred per second and peer, while control is
// busy.
constexpr int kReceiveBytes = 1 << 20;
constexpr std::size_t kLongestPacket = 2048;
constexpr std::size_t kMaxPerDrain = 4096;  // some milliseconds: a flood must not block the loop

bool set(int fd, int level, int option, int value) {
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

bool join(int fd, bool is_v4, int interface) {
    const IpAddress address = vrrp::multicast_group(is_v4);
    if (is_v4) {
        ip_mreqn group{};
        group.imr_multiaddr.s_addr = address.v4().raw;
        group.imr_ifindex = interface;
        return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0 &&
               setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group) == 0;
    }
    ipv6_mreq group{};
    std::memcpy(&group.ipv6mr_multiaddr, address.bytes.data(), sizeof group.ipv6mr_multiaddr);
    group.ipv6mr_interface = static_cast<unsigned>(interface);
    return setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group) == 0 &&
           set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, interface);
}

bool configure(int fd, bool is_v4) {
    const int level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
    const bool ok =
        set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1) && set(fd, SOL_SOCKET, SO_PRIORITY, kPriority) &&
        set(fd, level, is_v4 ? int{IP_TTL} : int{IPV6_UNICAST_HOPS}, vrrp::kTtl) &&
        set(fd, level, is_v4 ? int{IP_MULTICAST_TTL} : int{IPV6_MULTICAST_HOPS}, vrrp::kTtl) &&
        set(fd, level, is_v4 ? int{IP_MULTICAST_LOOP} : int{IPV6_MULTICAST_LOOP}, 0) &&
        (is_v4 || (set(fd, level, IPV6_RECVHOPLIMIT, 1) && set(fd, level, IPV6_RECVPKTINFO, 1)));
    // More than rmem_max, if control has the privilege.
    if (!set(fd, SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBytes))
        set(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBytes);
    return ok;
}

IpAddress address_of(const in6_addr& address) {
    IpAddress converted;
    std::memcpy(converted.bytes.data(), &address, sizeof address);
    return converted;
}

// One packet with its control messages.
class ReceivedPacket {
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

    std::optional<ReceivedAdvert> advert(bool is_v4, std::int64_t to_monotonic_ns) const {
        ReceivedAdvert advert;
        const std::span all(bytes_.data(), size_);
        if (is_v4) {
            const std::size_t header_bytes = size_ >= 20 ? (all[0] & 0xfu) * 4u : 0;
            if (header_bytes < 20 || header_bytes > size_)
                return std::nullopt;
            advert.ttl = all[8];
            advert.source = v4(all.subspan(12, 4));
            advert.destination = v4(all.subspan(16, 4));
            advert.payload = all.subspan(header_bytes);
        } else {
            sockaddr_in6 from{};
            std::memcpy(&from, &from_, sizeof from);
            advert.source = address_of(from.sin6_addr);
            advert.payload = all;
        }
        read_control(advert, to_monotonic_ns);
        advert.wall_ns = advert.received_ns - to_monotonic_ns;
        return advert;
    }

  private:
    static IpAddress v4(std::span<const std::uint8_t> bytes) {
        Be32 address;
        std::memcpy(&address, bytes.data(), sizeof address);
        return IpAddress::from_v4(address);
    }

    // The timestamp is clamped: if CLOCK_REALTIME was set since, the conversion would place the
    // advert in the future or in the distant past.
    void read_control(ReceivedAdvert& advert, std::int64_t to_monotonic_ns) const {
        const std::int64_t now_ns = monotonic_ns();
        advert.received_ns = now_ns;
        msghdr message = message_;
        for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
            if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
                timespec stamp{};
                std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
                const std::int64_t received_ns =
                    stamp.tv_sec * kNanosecondsPerS + stamp.tv_nsec + to_monotonic_ns;
                advert.received_ns =
                    std::clamp(received_ns, now_ns - 600 * kNanosecondsPerS, now_ns);
            } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_HOPLIMIT) {
                int limit = 0;
                std::memcpy(&limit, CMSG_DATA(part), sizeof limit);
                advert.ttl = static_cast<std::uint8_t>(limit);
            } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
                in6_pktinfo info{};
                std::memcpy(&info, CMSG_DATA(part), sizeof info);
                advert.destination = address_of(info.ipi6_addr);
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
void send_from(int fd, std::span<const std::uint8_t> payload, const sockaddr* to,
               socklen_t to_bytes, int level, int type, const Info& info) {
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
    (void)sendmsg(fd, &message, MSG_DONTWAIT);
}

}  // namespace

Result<AdvertSocket> AdvertSocket::open(const std::string& interface, bool is_v4) {
    const int number = static_cast<int>(if_nametoindex(interface.c_str()));
    if (number == 0)
        return system_error("cannot receive adverts on " + interface);
    abi::Fd fd(socket(is_v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                      vrrp::kIpProtocol));
    if (!fd)
        return system_error("cannot receive adverts on " + interface +
                            ": cannot open a raw socket");
    const auto bytes = static_cast<socklen_t>(interface.size());
    if (setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(), bytes) != 0 ||
        !configure(fd.get(), is_v4) || !join(fd.get(), is_v4, number))
        return system_error("cannot receive adverts on " + interface);
    return AdvertSocket(std::move(fd), is_v4, number);
}

bool AdvertSocket::interface_exists() const {
    char name[IF_NAMESIZE];
    return if_indextoname(static_cast<unsigned>(interface_), name) != nullptr;
}

void AdvertSocket::drain(const Sink& sink) {
    const std::int64_t to_monotonic_ns = monotonic_ns() - clock_ns(CLOCK_REALTIME);
    ReceivedPacket received;
    for (std::size_t i = 0; i < kMaxPerDrain && received.receive(fd_.get()); ++i) {
        if (const auto advert = received.advert(is_v4_, to_monotonic_ns))
            sink(*advert);
    }
}

void AdvertSocket::send(std::span<const std::uint8_t> payload, const IpAddress& source,
                        const IpAddress& destination) {
    if (is_v4_) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = destination.v4().raw;
        in_pktinfo info{};
        info.ipi_ifindex = interface_;
        info.ipi_spec_dst.s_addr = source.v4().raw;
        send_from(fd_.get(), payload, reinterpret_cast<const sockaddr*>(&to), sizeof to, IPPROTO_IP,
                  IP_PKTINFO, info);
        return;
    }
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_scope_id = static_cast<std::uint32_t>(interface_);
    std::memcpy(&to.sin6_addr, destination.bytes.data(), sizeof to.sin6_addr);
    in6_pktinfo info{};
    info.ipi6_ifindex = static_cast<unsigned>(interface_);
    std::memcpy(&info.ipi6_addr, source.bytes.data(), sizeof info.ipi6_addr);
    send_from(fd_.get(), payload, reinterpret_cast<const sockaddr*>(&to), sizeof to, IPPROTO_IPV6,
              IPV6_PKTINFO, info);
}

}  // namespace vipfwd::net
