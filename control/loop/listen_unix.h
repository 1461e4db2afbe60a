// SPDX-License-Identifier: Apache-2.0
// Listening Unix sockets, which replace what a killed predecessor has left at their path.
#pragma once

#include <sys/types.h>

#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd {

// Listens at `path`, whose directory must exist. `type` is SOCK_STREAM or SOCK_SEQPACKET; `mode` is
// the socket file's. The returned fd is non-blocking and close-on-exec; the caller unlinks `path`
// after closing it. A stale socket at `path` (no process listens on it) is replaced. It is an error
// if a process listens on it, or if the file is not a socket; the file is then left alone.
Result<abi::Fd> listen_unix(const std::string& path, int type, mode_t mode);

}  // namespace vipfwd
