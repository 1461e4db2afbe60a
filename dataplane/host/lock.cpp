// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/lock.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <thread>

namespace vipfwd::host {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait(1000);
constexpr milliseconds kPause(10);

}  // namespace

Result<std::optional<abi::Fd>> take_lock(const std::string& name) {
    abi::Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t length = std::min(name.size(), sizeof address.sun_path - 1);
    std::memcpy(address.sun_path + 1, name.data(), length);  // first byte 0: abstract
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);

    for (milliseconds waited{0};; waited += kPause) {
        if (fd && bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0)
            return std::optional(std::move(fd));
        if (!fd || errno != EADDRINUSE)
            return system_error("lock '" + name + "'");
        if (waited >= kLongestWait)
            return std::optional<abi::Fd>();
        std::this_thread::sleep_for(kPause);
    }
}

std::string port_lock_name(const std::string& interface) {
    return "vipfwd-port-" + interface;
}

}  // namespace vipfwd::host
