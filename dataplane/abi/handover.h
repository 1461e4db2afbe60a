// SPDX-License-Identifier: Apache-2.0
// How one process hands the region over to the other: fixed-size messages over a Unix
// SOCK_SEQPACKET socket. Control listens; the dataplane connects, and retries while control is
// away.
//
//   dataplane: kHello         with the region's fd, if it has one
//   control:   kRegion        with the fd of the region to use: the dataplane's, if it is valid
//   control:   kPublished     `active` has changed; look now rather than at the next tick
//   dataplane: kReady         ports are open, workers run; if workers sleep, with an eventfd, which
//                             control signals after a change of leases to wake the worker that
//                             sends adverts
//   dataplane: kAcknowledged  all workers forward by `generation`
//   dataplane: kRejected      `generation` is not valid: `text` says why
//   dataplane: kLeaving       asked to stop; it will, once it owns no VIPs
//   dataplane: kPortChanged   a port was closed or opened: read its status, and steer to it
//
// The messages only save waiting: the state is in the region. A process notices that the other one
// died by the socket's EOF.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "dataplane/abi/limits.h"
#include "dataplane/abi/result.h"

namespace vipfwd::abi {

inline constexpr std::uint64_t kHandoverMagic = 0x31'64'6e'68'66'70'69'76;  // "vipfhnd1"

// 0 is no kind of message.
enum class MessageKind : std::uint32_t {
    kHello = 1,
    kRegion = 2,
    kPublished = 3,
    kReady = 4,
    kAcknowledged = 5,
    kRejected = 6,
    kLeaving = 7,
    kPortChanged = 8,
    kLast = kPortChanged,
};

struct Message {
    std::uint64_t magic = kHandoverMagic;
    std::uint32_t abi_version = 0;  // filled in by send()
    MessageKind kind = MessageKind::kHello;
    std::uint64_t generation = 0;
    std::uint32_t pid = 0;  // filled in by send()
    std::uint32_t reserved = 0;
    char text[256] = {};  // 0-terminated
};

static_assert(sizeof(Message) == 32 + 256);

// Owns a file descriptor.
class Fd {
  public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept;
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd();

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release();

  private:
    int fd_ = -1;
};

struct Received {
    enum class Outcome { kMessage, kNothingYet, kClosed };
    Outcome outcome = Outcome::kNothingYet;
    Message message;
    Fd fd;
};

// Sends one message, with a copy of `fd` unless it is -1. An error if the peer is gone or its queue
// is full; does not block.
Result<void> send_message(int socket, const Message& message, int fd = -1);

// Receives one message, if there is one; does not block. An error if the message is of another
// protocol or ABI version, or of an unknown kind.
Result<Received> receive_message(int socket);

// Adds one to an eventfd, which makes it readable. Any thread may call it. Fails only if it has
// been signalled 2^64 - 2 times already, and is readable anyway.
void signal_eventfd(const Fd& eventfd);

// True for root and for the user of this process: nobody else may be the other process, or own what
// both rely on.
bool is_trusted_user(uid_t uid);

// The two sockets in a run directory.
inline constexpr std::string_view kDefaultRunDirectory = "/run/vipfwd";
std::string handover_socket_path(std::string_view run_directory);  // control <-> dataplane
std::string control_socket_path(std::string_view run_directory);   // control <-> vipctl

}  // namespace vipfwd::abi
