// SPDX-License-Identifier: Apache-2.0
// Keeps the kernel's error messages (netlink extended acknowledgements), which libbpf only prints.
#pragma once

#include <string>

namespace vipfwd::decap {

// Replaces libbpf's printing: from now on nothing is printed, and the kernel's messages are kept.
void capture_kernel_messages();

// Removes and returns the last message; empty if there is none.
std::string take_kernel_message();

}  // namespace vipfwd::decap
