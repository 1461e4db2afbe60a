// SPDX-License-Identifier: Apache-2.0
#include "control/loop/unix_listener.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace vipfwd {
namespace {

constexpr std::int64_t kAcceptPause_ms = 100;
constexpr std::int64_t kPathPeriod_ms = 500;
constexpr std::int64_t kRetryPeriod_ms = 2000;  // an attempt disturbs another process at the path

std::optional<UnixPeer> identify(abi::Fd socket) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return std::nullopt;
    return UnixPeer{.socket = std::move(socket), .uid = credentials.uid, .pid = credentials.pid};
}

}  // namespace

bool UnixPeer::is_trusted() const {
    return abi::is_trusted_user(uid);
}

Result<std::unique_ptr<UnixListener>> UnixListener::listen(Loop& loop, UnixAddress address,
                                                           OnPeer on_peer) {
    std::unique_ptr<UnixListener> listener(
        new UnixListener(loop, std::move(address), std::move(on_peer)));
    if (Result<void> opened = listener->open(); !opened)
        return opened.error();
    return listener;
}

UnixListener::UnixListener(Loop& loop, UnixAddress address, OnPeer on_peer)
    : loop_(loop),
      address_(std::move(address)),
      on_peer_(std::move(on_peer)),
      resume_timer_(loop, [this] { watch(); }),
      path_timer_(loop, [this] { restore(); }) {}

UnixListener::~UnixListener() {
    watch_.reset();
    if (socket_ && is_at_its_path())
        unlink(address_.path.c_str());
}

Result<void> UnixListener::open() {
    Result<abi::Fd> socket = listen_unix(address_);
    if (!socket)
        return socket.error();
    watch_.reset();
    socket_ = std::move(*socket);
    struct stat there {};
    if (lstat(address_.path.c_str(), &there) == 0) {
        device_ = there.st_dev;
        inode_ = there.st_ino;
    }
    watch();
    path_timer_.fire_every(kPathPeriod_ms);
    return {};
}

bool UnixListener::is_at_its_path() const {
    struct stat there {};
    return lstat(address_.path.c_str(), &there) == 0 && there.st_dev == device_ &&
           there.st_ino == inode_;
}

void UnixListener::watch() {
    watch_.emplace(loop_, socket_.get(), FdWatch::Ready::kReadable, [this] { accept(); });
}

void UnixListener::accept() {
    abi::Fd socket(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) {
        const int error = errno;
        if (error != EAGAIN && error != EINTR && error != ECONNABORTED)
            pause(error);
        return;
    }
    if (!std::exchange(accepting_, true))
        spdlog::info("{}: accepts connections again", address_.path);
    if (std::optional<UnixPeer> peer = identify(std::move(socket)))
        on_peer_(std::move(*peer));
}

// The client that waits keeps the socket readable.
void UnixListener::pause(int error) {
    if (std::exchange(accepting_, false))
        spdlog::error("{}: cannot accept a connection: {}; trying again", address_.path,
                      std::strerror(error));
    watch_.reset();
    resume_timer_.fire_after(kAcceptPause_ms);
}

void UnixListener::restore() {
    if (is_at_its_path())
        return;
    if (Result<void> opened = open(); !opened) {
        if (std::exchange(restore_error_, opened.error().message) != opened.error().message)
            spdlog::error("{} was removed: {}", address_.path, opened.error().message);
        path_timer_.fire_every(kRetryPeriod_ms);
        return;
    }
    restore_error_.clear();
    spdlog::warn("{} was removed, and was made again", address_.path);
}

}  // namespace vipfwd
