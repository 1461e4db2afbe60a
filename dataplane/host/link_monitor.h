// SPDX-License-Identifier: Apache-2.0
// The kernel's messages about the interfaces of this network namespace. They tell of an interface
// that was moved away and back, which keeps its number: its AF_XDP sockets are unbound all the
// same.
#pragma once

#include <memory>
#include <vector>

#include "dataplane/abi/result.h"

struct mnl_socket;

namespace vipfwd::host {

class LinkMonitor {
  public:
    static Result<LinkMonitor> open();

    // The numbers of interfaces that were deleted, or moved away, since the last call. Never
    // blocks. If the kernel could not queue all messages, some may be missing.
    std::vector<int> take_removed();

    // Readable when anything about an interface has changed since take_removed() was called.
    int fd() const;

  private:
    struct Close {
        void operator()(mnl_socket* socket) const;
    };
    explicit LinkMonitor(mnl_socket* socket) : socket_(socket) {}

    std::unique_ptr<mnl_socket, Close> socket_;
};

}  // namespace vipfwd::host
