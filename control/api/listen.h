// SPDX-License-Identifier: Apache-2.0
// Unix sockets to listen at, and what a killed predecessor has left in their place.
#pragma once

#include <sys/types.h>

#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::api {

// Listens at `path`, in a directory that exists; `type` is SOCK_STREAM or SOCK_SEQPACKET, `mode`
// that of the socket file. The fd is non-blocking and closed on exec. A socket that nobody listens
// at any more is replaced; one that answers, and anything that is no socket, is left alone and an
// error. Who holds the fd unlinks `path` in the end.
Result<abi::Fd> listen_unix(const std::string& path, int type, mode_t mode);

}  // namespace vipfwd::api
