// SPDX-License-Identifier: Apache-2.0
#include "control/health/echo_sockets.h"

#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "control/health/socket_address.h"
#include "control/net/interface_socket.h"
#include "dataplane/abi/internet_checksum.h"

namespace vipfwd::health {
namespace {

using net::set_option;

constexpr std::size_t kIpv4HeaderBytes = 20;
constexpr std::size_t kIpv6HeaderBytes = 40;
// Of ICMP and of ICMPv6, which have the same layout: type, code, checksum, identifier, sequence
// number.
constexpr std::size_t kEchoHeaderBytes = 8;
constexpr std::size_t kChecksumOffset = 2;
constexpr std::size_t kIdOffset = 4;
// More are received in the loop's next round.
constexpr int kMostReplies = 64;

bool accept_replies_only(int socket, bool is_v4) {
    if (is_v4) {
        const icmp_filter filter{.data = ~(1u << ICMP_ECHOREPLY)};
        return setsockopt(socket, SOL_RAW, ICMP_FILTER, &filter, sizeof filter) == 0;
    }
    icmp6_filter filter;
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
    return setsockopt(socket, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter) == 0;
}

// Packets are sent whole, whatever path MTU the kernel has learned.
bool forbid_fragments(int socket, bool is_v4) {
    if (is_v4)
        return set_option(socket, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    return set_option(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE) &&
           set_option(socket, IPPROTO_IPV6, IPV6_DONTFRAG, 1);
}

// The kernel computes the checksum of ICMPv6.
std::vector<std::uint8_t> make_request(bool is_v4, EchoSockets::Id id, std::uint32_t bytes) {
    const std::size_t ip_bytes = is_v4 ? kIpv4HeaderBytes : kIpv6HeaderBytes;
    std::vector<std::uint8_t> request(std::max<std::size_t>(bytes, ip_bytes + kEchoHeaderBytes) -
                                      ip_bytes);
    request[0] = is_v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
    std::memcpy(request.data() + kIdOffset, &id, sizeof id);
    if (is_v4) {
        const auto checksum = static_cast<std::uint16_t>(~fold_sum(add_to_sum(request)));
        std::memcpy(request.data() + kChecksumOffset, &checksum, sizeof checksum);
    }
    return request;
}

// The identifier of a reply, of whose packet `bytes` are the first ones; nullopt: it is too short.
// Those of IPv4 begin with the IP header.
std::optional<EchoSockets::Id> id_of_reply(std::span<const std::uint8_t> bytes, bool is_v4) {
    constexpr std::uint8_t kHeaderWords = 0x0f;
    if (is_v4 && !bytes.empty())
        bytes = bytes.subspan(
            std::min<std::size_t>(bytes.size(), std::size_t{4} * (bytes[0] & kHeaderWords)));
    if (bytes.size() < kEchoHeaderBytes)
        return std::nullopt;
    EchoSockets::Id id = 0;
    std::memcpy(&id, bytes.data() + kIdOffset, sizeof id);
    return id;
}

}  // namespace

EchoSockets::Id EchoSockets::open(const IpAddress& from, OnReply on_reply) {
    while (listeners_.contains(next_id_))
        ++next_id_;
    listeners_.emplace(next_id_, Listener{from, std::move(on_reply)});
    return next_id_++;
}

int EchoSockets::open_socket(bool is_v4) {
    Socket& made = socket_of(is_v4);
    if (made.watch)
        return 0;
    abi::Fd fd(socket(is_v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                      is_v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6}));
    if (!fd || !accept_replies_only(fd.get(), is_v4) || !forbid_fragments(fd.get(), is_v4))
        return errno;
    try {
        made.watch.emplace(loop_, fd.get(), FdWatch::Ready::kReadable,
                           [this, is_v4] { receive(is_v4); });
    } catch (const std::runtime_error&) {
        return ENOMEM;
    }
    made.fd = std::move(fd);
    return 0;
}

int EchoSockets::send(Id id, const Way& way, std::uint32_t bytes) {
    const bool is_v4 = way.to.is_v4();
    if (const int error = open_socket(is_v4); error != 0)
        return error;
    const int socket = socket_of(is_v4).fd.get();
    if (setsockopt(socket, SOL_SOCKET, SO_MARK, &way.mark, sizeof way.mark) != 0)
        return errno;
    return net::send_from(socket, make_request(is_v4, id, bytes), way.from, way.to);
}

void EchoSockets::receive(bool is_v4) {
    std::array<std::uint8_t, 128> first;  // bytes of a packet: the rest is not needed
    for (int i = 0; i < kMostReplies; ++i) {
        SocketAddress from;
        const ssize_t received = recvfrom(socket_of(is_v4).fd.get(), first.data(), first.size(),
                                          MSG_TRUNC, from.get(), from.bytes());
        if (received < 0)
            return;
        const auto bytes = static_cast<std::size_t>(received);  // of the whole
        const std::optional<Id> id =
            id_of_reply(std::span(first).first(std::min(bytes, first.size())), is_v4);
        const auto at = id ? listeners_.find(*id) : listeners_.end();
        if (at == listeners_.end() || at->second.from != from.ip())
            continue;
        const OnReply on_reply = at->second.on_reply;  // it may close
        on_reply(static_cast<std::uint32_t>(bytes + (is_v4 ? 0 : kIpv6HeaderBytes)));
    }
}

}  // namespace vipfwd::health
