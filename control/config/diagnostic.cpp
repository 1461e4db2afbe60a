// SPDX-License-Identifier: Apache-2.0
#include "control/config/diagnostic.h"

#include <fmt/format.h>

namespace vipfwd::config {

std::string to_string(const Diagnostic& diagnostic, const std::string& path) {
    const std::string_view severity =
        diagnostic.severity == Diagnostic::Severity::kError ? "error" : "warning";
    const Location where = diagnostic.where;
    if (!where.is_set())
        return fmt::format("{}: {}: {}", path, severity, diagnostic.message);
    return fmt::format("{}:{}:{}: {}: {}", path, where.line, where.column, severity,
                       diagnostic.message);
}

}  // namespace vipfwd::config
