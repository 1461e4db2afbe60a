// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace vipfwd::cli {

// How many characters a line of the terminal at `fd` has; kUnlimited (table.h) if it is none, but a
// file or a pipe, where nothing should depend on who reads. A terminal that does not know its size,
// such as a serial console, counts as one of 80, and a tiny one as one of 40.
std::size_t line_width(int fd);

}  // namespace vipfwd::cli
