// SPDX-License-Identifier: Apache-2.0
#include "control/loop/listen_unix.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "dataplane/abi/file_lock.h"

namespace vipfwd {
namespace {

constexpr int kBacklog = 64;

std::string directory_of(const std::string& path) {
    return std::filesystem::path(path).parent_path().string();
}

Result<sockaddr_un> socket_address(const std::string& path) {
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

Result<void> make_directory(const std::string& path) {
    if (path.empty() || mkdir(path.c_str(), 0755) == 0 || errno == EEXIST)
        return {};
    return system_error(fmt::format("cannot create the run directory {}", path));
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

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

Result<abi::Fd> listen_unix(const UnixAddress& wanted) {
    const std::string& path = wanted.path;
    const Result<sockaddr_un> address = socket_address(path);
    if (!address)
        return address.error();
    if (Result<void> made = make_directory(directory_of(path)); !made)
        return made.error();
    // Of two processes that examine and replace the socket at the same time, one would remove the
    // other's new socket.
    const auto lock = abi::FileLock::try_take(path + ".lock");
    if (!lock)
        return Error{
            fmt::format("cannot listen in {}: {}", directory_of(path), lock.error().message)};
    if (!lock->has_value())
        return Error{fmt::format("another vipfwd-control is starting in {}", directory_of(path))};
    if (Result<void> removed = remove_stale_socket(path, *address, wanted.type); !removed)
        return removed.error();

    abi::Fd fd(socket(AF_UNIX, wanted.type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd || bind(fd.get(), generic(*address), sizeof *address) != 0)
        return system_error(fmt::format("cannot listen at {}", path));
    // No client can connect before listen(): then group and mode are set.
    const bool in_group =
        !wanted.group || lchown(path.c_str(), static_cast<uid_t>(-1), *wanted.group) == 0;
    if (!in_group || chmod(path.c_str(), wanted.mode) != 0 || listen(fd.get(), kBacklog) != 0) {
        const int reason = errno;
        unlink(path.c_str());
        return Error{fmt::format("cannot listen at {}: {}", path, std::strerror(reason))};
    }
    return fd;
}

}  // namespace vipfwd
