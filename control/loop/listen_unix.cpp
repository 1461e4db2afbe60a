// SPDX-License-Identifier: Apache-2.0
#include "control/loop/listen_unix.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace vipfwd {
namespace {

constexpr int kBacklog = 64;

std::string directory_of(const std::string& path) {
    return std::filesystem::path(path).parent_path().string();
}

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    if (path.size() >= sizeof address.sun_path) {
        return Error{
            fmt::format("{}: {} bytes are too long for a socket's path, {} is the limit; "
                        "choose a shorter run directory",
                        path, path.size(), sizeof address.sun_path - 1)};
    }
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

// Held while a socket is examined and replaced: of two processes that do so at the same time, one
// would remove the other's new socket. The lock is a file of its own, because any user may lock a
// directory that he can read. The file is removed with the lock.
class StartLock {
  public:
    static Result<StartLock> take(const std::string& path) {
        for (;;) {
            abi::Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
            if (!fd)
                return system_error(fmt::format("cannot listen in {}", directory_of(path)));
            if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
                return Error{
                    fmt::format("another vipfwd-control is starting in {}", directory_of(path))};
            }
            // The last holder may have unlinked the file after it was opened here: then retry.
            struct stat held {};
            if (fstat(fd.get(), &held) == 0 && held.st_nlink > 0)
                return StartLock(path, std::move(fd));
        }
    }
    StartLock(StartLock&&) = default;
    ~StartLock() {
        if (fd_)
            unlink(path_.c_str());
    }

  private:
    StartLock(std::string path, abi::Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::string path_;
    abi::Fd fd_;
};

// Makes `path` free: removes a stale socket there. An error if `path` is in use.
Result<void> remove_stale_socket(const std::string& path, const sockaddr_un& address, int type) {
    struct stat there {};
    if (lstat(path.c_str(), &there) != 0) {
        if (errno == ENOENT)
            return {};
        return system_error(fmt::format("cannot listen at {}", path));
    }
    if (!S_ISSOCK(there.st_mode)) {
        return Error{fmt::format(
            "{} exists and is not a socket; remove it or choose another run directory", path)};
    }
    const abi::Fd probe(socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const bool answered = connect(probe.get(), generic(address), sizeof address) == 0;
    // EAGAIN: a process listens, and its backlog is full. EPROTOTYPE: a process listens with
    // another type of socket.
    if (answered || errno == EAGAIN || errno == EPROTOTYPE) {
        return Error{fmt::format("another vipfwd-control is running in {}: {} answers",
                                 directory_of(path), path)};
    }
    if (errno != ECONNREFUSED && errno != ENOENT) {
        return system_error(fmt::format("cannot tell whether {} is in use", path));
    }
    if (unlink(path.c_str()) != 0 && errno != ENOENT) {
        return system_error(fmt::format("cannot remove the stale socket {}", path));
    }
    return {};
}

}  // namespace

Result<abi::Fd> listen_unix(const std::string& path, int type, mode_t mode) {
    const Result<sockaddr_un> address = address_of(path);
    if (!address)
        return address.error();
    const Result<StartLock> lock = StartLock::take(path + ".lock");
    if (!lock)
        return lock.error();
    if (Result<void> removed = remove_stale_socket(path, *address, type); !removed)
        return removed.error();

    abi::Fd fd(socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd || bind(fd.get(), generic(*address), sizeof *address) != 0)
        return system_error(fmt::format("cannot listen at {}", path));
    // No client can connect between these two calls: the mode is set before the socket listens.
    if (chmod(path.c_str(), mode) != 0 || listen(fd.get(), kBacklog) != 0) {
        const int reason = errno;
        unlink(path.c_str());
        return Error{fmt::format("cannot listen at {}: {}", path, std::strerror(reason))};
    }
    return fd;
}

}  // namespace vipfwd
