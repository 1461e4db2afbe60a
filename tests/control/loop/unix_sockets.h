// SPDX-License-Identifier: Apache-2.0
// A temporary directory for a test's Unix sockets, and their client side.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "dataplane/abi/handover.h"

namespace vipfwd::test {

class SocketDirectory {
  public:
    SocketDirectory() {
        char pattern[] = "/tmp/vipfwd-test-XXXXXX";
        path_ = mkdtemp(pattern);
    }
    ~SocketDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    bool empty() const { return std::filesystem::is_empty(path_); }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

inline sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

// A connected socket; an empty Fd if no process listens at `path`.
inline abi::Fd connect_to(const std::string& path, int type = SOCK_STREAM) {
    const sockaddr_un address = unix_address(path);
    abi::Fd fd(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return {};
    return fd;
}

// What a killed process leaves behind.
inline void leave_stale_socket(const std::string& path, int type) {
    const sockaddr_un address = unix_address(path);
    const abi::Fd fd(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

}  // namespace vipfwd::test
