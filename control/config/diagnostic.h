// SPDX-License-Identifier: Apache-2.0
// One error or warning about a configuration file, and the place that it refers to.
#pragma once

#include <cstdint>
#include <string>

namespace vipfwd::config {

// A place in the file. Lines and columns (in characters) count from 1; line 0 means no place: the
// key is absent, the value is a default, or the diagnostic concerns the file as a whole.
struct Location {
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    bool is_set() const { return line != 0; }
};

struct Diagnostic {
    enum class Severity { kError, kWarning };
    Severity severity = Severity::kError;
    Location where;
    std::string message;
};

// "file:line:col: error: message", the format of compilers; without line and column if the
// diagnostic concerns the file as a whole.
std::string to_string(const Diagnostic& diagnostic, const std::string& path);

}  // namespace vipfwd::config
