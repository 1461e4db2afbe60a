// SPDX-License-Identifier: Apache-2.0
// What the kernel says about a request beyond its error number, which libbpf only prints.
#pragma once

#include <string>

namespace vipfwd::decap {

// From now on, libbpf prints nothing and the kernel's messages are kept.
void capture_kernel_messages();

// The last message, which is then forgotten; empty if there is none.
std::string take_kernel_message();

}  // namespace vipfwd::decap
