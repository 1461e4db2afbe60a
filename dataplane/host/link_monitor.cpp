// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/link_monitor.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace vipfwd::host {
namespace {

// Holds thousands of messages, in case the main thread is late.
constexpr int kQueueBytes = 4 << 20;

int note_removed(const nlmsghdr* message, void* removed) {
    if (message->nlmsg_type == RTM_DELLINK &&
        mnl_nlmsg_get_payload_len(message) >= sizeof(ifinfomsg)) {
        const auto* link = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
        if (link->ifi_family == AF_UNSPEC)  // else: the interface has left a bridge
            static_cast<std::vector<int>*>(removed)->push_back(link->ifi_index);
    }
    return MNL_CB_OK;
}

}  // namespace

void LinkMonitor::Close::operator()(mnl_socket* socket) const {
    mnl_socket_close(socket);
}

Result<LinkMonitor> LinkMonitor::open() {
    mnl_socket* opened = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (opened == nullptr)
        return system_error("cannot open a netlink socket");
    LinkMonitor monitor(opened);
    const int fd = mnl_socket_get_fd(opened);
    // More than rmem_max needs CAP_NET_ADMIN. Without it, take as much as rmem_max allows.
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kQueueBytes, sizeof kQueueBytes) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kQueueBytes, sizeof kQueueBytes);
    if (mnl_socket_bind(opened, RTMGRP_LINK, MNL_SOCKET_AUTOPID) != 0)
        return system_error("cannot bind a netlink socket");
    return monitor;
}

int LinkMonitor::fd() const {
    return mnl_socket_get_fd(socket_.get());
}

std::vector<int> LinkMonitor::take_removed() {
    alignas(nlmsghdr) std::array<std::byte, 32 * 1024> buffer;
    std::vector<int> removed;
    while (true) {
        const ssize_t bytes = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
        if (bytes < 0 && errno != ENOBUFS && errno != EINTR)
            return removed;
        if (bytes > 0)
            mnl_cb_run(buffer.data(), static_cast<std::size_t>(bytes), 0, 0, note_removed,
                       &removed);
    }
}

}  // namespace vipfwd::host
