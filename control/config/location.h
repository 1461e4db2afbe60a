// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace vipfwd::config {

// Where in the file something was written. Lines and columns (in characters) from 1; line 0:
// nowhere (absent, a default, or the file as a whole).
struct Location {
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    bool somewhere() const { return line != 0; }
};

}  // namespace vipfwd::config
