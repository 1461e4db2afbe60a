// SPDX-License-Identifier: Apache-2.0
#include "control/net/netlink_socket.h"

#include <libmnl/libmnl.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>

namespace vipfwd::net {
namespace {

// The kernel sends dump datagrams of up to 32 KiB if the receive buffer has room for them.
constexpr std::size_t kBufferBytes = 64 * 1024;
// Holds a burst of about ten thousand messages.
constexpr int kQueueBytes = 8 << 20;

Error failure(const char* what) {
    return system_error(std::string("netlink: ") + what);
}

}  // namespace

void NetlinkSocket::Close::operator()(mnl_socket* socket) const {
    mnl_socket_close(socket);
}

NetlinkSocket::NetlinkSocket(mnl_socket* socket) : socket_(socket), buffer_(kBufferBytes) {}

Result<NetlinkSocket> NetlinkSocket::open(std::span<const int> groups) {
    mnl_socket* opened = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (opened == nullptr)
        return failure("cannot open a socket");
    NetlinkSocket socket(opened);
    // More than rmem_max needs CAP_NET_ADMIN. Without it, take as much as rmem_max allows.
    if (setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUFFORCE, &kQueueBytes, sizeof kQueueBytes) != 0)
        setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &kQueueBytes, sizeof kQueueBytes);
    if (mnl_socket_bind(opened, 0, MNL_SOCKET_AUTOPID) != 0)
        return failure("cannot bind a socket");
    for (int group : groups) {
        if (mnl_socket_setsockopt(opened, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
            return failure("cannot subscribe");
    }
    return socket;
}

int NetlinkSocket::fd() const {
    return mnl_socket_get_fd(socket_.get());
}

Result<void> NetlinkSocket::send(const Request& request) {
    if (mnl_socket_sendto(socket_.get(), request.data(), request.size()) < 0)
        return failure("cannot send");
    return {};
}

Result<std::optional<std::vector<Message>>> NetlinkSocket::receive() {
    const ssize_t length = mnl_socket_recvfrom(socket_.get(), buffer_.data(), buffer_.size());
    if (length < 0) {
        if (errno == EAGAIN || errno == EINTR)
            return std::optional<std::vector<Message>>();
        return failure("cannot receive");
    }
    return std::optional(
        parse_messages(std::span(buffer_).first(static_cast<std::size_t>(length))));
}

Result<Message> NetlinkSocket::exchange(const Request& request, std::uint32_t sequence) {
    if (Result<void> sent = send(request); !sent)
        return sent.error();
    while (true) {
        Result<std::optional<std::vector<Message>>> received = receive();
        if (!received)
            return received.error();
        if (!*received)
            return Error{"netlink: the kernel did not answer a request"};
        for (Message& message : **received) {
            if (message.sequence == sequence)
                return std::move(message);
        }
    }
}

}  // namespace vipfwd::net
