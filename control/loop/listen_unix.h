// SPDX-License-Identifier: Apache-2.0
// Listening Unix sockets, which replace what a killed predecessor has left at their path.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <optional>
#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd {

struct UnixAddress {
    std::string path;
    int type = SOCK_STREAM;           // or SOCK_SEQPACKET
    mode_t mode = 0600;               // of the socket file
    std::optional<gid_t> group = {};  // of the socket file; none: that of the process
};

// Listens at a path, whose directory is created (mode 0755) if it is missing. The returned fd is
// non-blocking and close-on-exec; the caller unlinks the path after closing it. A stale socket
// there (no process listens on it) is replaced. It is an error if a process listens on it, or if
// the file is not a socket; the file is then left alone.
Result<abi::Fd> listen_unix(const UnixAddress& address);

}  // namespace vipfwd
