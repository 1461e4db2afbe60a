// SPDX-License-Identifier: Apache-2.0
// The captures of a pcap port. They are opened here, where a fault can be named, and handed to the
// driver as /proc/self/fd/N: so a path may hold any character.
#pragma once

#include <cstdint>
#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::host {

// Opens a capture to be read. One in a regular file is checked from end to end: what libpcap can
// read, of Ethernet frames, not cut short.
Result<abi::Fd> open_capture(const std::string& path);

// Opens a capture to be written, which must not be the one that `input` (or -1) reads. What was in
// it stays until the driver opens it.
Result<abi::Fd> create_capture(const std::string& path, int input);

// After the driver closed it: an error if it holds less than these frames. Only for regular files.
Result<void> check_written(const std::string& path, int fd, std::uint64_t packets,
                           std::uint64_t bytes);

// How the driver gets at an open file.
std::string path_of(int fd);

}  // namespace vipfwd::host
