// SPDX-License-Identifier: Apache-2.0
// The capture files of a pcap port. They are opened here, because this code reports errors better
// than DPDK's driver, and passed to the driver as /proc/self/fd/N, so that a path may contain any
// character.
#pragma once

#include <cstdint>
#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::host {

// Opens a capture for reading. A regular file is checked from end to end: libpcap can read it, it
// has Ethernet frames, and it is not truncated. Logs a warning if its packets are not whole. A pipe
// is an error, because the driver opens the capture again.
Result<abi::Fd> open_capture(const std::string& path);

// Opens a capture for writing. It must not be the file that the descriptor `input` (or -1) reads.
// Does not truncate it: the driver does that.
Result<abi::Fd> create_capture(const std::string& path, int input);

// Call it after the driver has closed the capture. An error if a regular file is too short for that
// many frames of that many bytes in total.
Result<void> check_written(const std::string& path, int fd, std::uint64_t packets,
                           std::uint64_t bytes);

// A path by which the driver can open an open file.
std::string path_of(int fd);

}  // namespace vipfwd::host
