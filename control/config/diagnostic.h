// SPDX-License-Identifier: Apache-2.0
// What is wrong with a configuration, and where.
#pragma once

#include <string>

#include "control/config/location.h"

namespace vipfwd::config {

struct Diagnostic {
    enum class Severity { kError, kWarning };
    Severity severity = Severity::kError;
    Location where;
    std::string message;
};

// "file:line:col: error: message", as compilers write it; without line and column if it is about
// the file as a whole.
std::string to_string(const Diagnostic& diagnostic, const std::string& path);

}  // namespace vipfwd::config
