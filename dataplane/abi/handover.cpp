// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/handover.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "dataplane/abi/region.h"

namespace vipfwd::abi {
namespace {

constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(int));

// The first fd of a message; closes all others.
Fd take_fd(msghdr& header) {
    Fd taken;
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            Fd owned(fd);
            if (!taken)
                taken = std::move(owned);
        }
    }
    return taken;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0)
            close(fd_);
        fd_ = other.release();
    }
    return *this;
}

Fd::~Fd() {
    if (fd_ >= 0)
        close(fd_);
}

int Fd::release() {
    return std::exchange(fd_, -1);
}

void signal_eventfd(const Fd& eventfd) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(eventfd.get(), &one, sizeof one);
}

Result<void> send_message(int socket, const Message& message, int fd) {
    Message copy = message;
    copy.abi_version = kAbiVersion;
    copy.pid = static_cast<std::uint32_t>(getpid());
    iovec bytes{&copy, sizeof copy};
    msghdr header{};
    header.msg_iov = &bytes;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, kControlBytes> control{};
    if (fd >= 0) {
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        cmsghdr* part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof fd);
        std::memcpy(CMSG_DATA(part), &fd, sizeof fd);
    }
    if (sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return system_error("handover socket: cannot send");
    return {};
}

Result<Received> receive_message(int socket) {
    Received received;
    iovec bytes{&received.message, sizeof received.message};
    alignas(cmsghdr) std::array<char, kControlBytes> control{};
    msghdr header{};
    header.msg_iov = &bytes;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t size = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return received;
    if (size < 0 && errno != ECONNRESET)
        return system_error("handover socket: cannot receive");
    if (size <= 0) {
        received.outcome = Received::Outcome::kClosed;
        return received;
    }
    received.fd = take_fd(header);
    const Message& message = received.message;
    if (size < 16 || message.magic != kHandoverMagic)
        return Error{"handover socket: the peer does not speak this protocol"};
    if (message.abi_version != kAbiVersion || size != sizeof message) {
        return Error{"handover socket: the peer has ABI version " +
                     std::to_string(message.abi_version) + ", this program " +
                     std::to_string(kAbiVersion) +
                     ": control and dataplane must be of one release"};
    }
    if (message.kind < MessageKind::kHello || message.kind > MessageKind::kLast)
        return Error{"handover socket: the peer sent a message of an unknown kind"};
    received.message.text[sizeof received.message.text - 1] = '\0';
    received.outcome = Received::Outcome::kMessage;
    return received;
}

bool is_trusted_user(uid_t uid) {
    return uid == 0 || uid == geteuid();
}

std::string handover_socket_path(std::string_view run_directory) {
    return std::string(run_directory) + "/dataplane.sock";
}

std::string control_socket_path(std::string_view run_directory) {
    return std::string(run_directory) + "/control.sock";
}

}  // namespace vipfwd::abi
