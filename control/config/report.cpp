// SPDX-License-Identifier: Apache-2.0
#include "control/config/report.h"

#include <algorithm>
#include <tuple>

namespace vipfwd::config {

std::vector<Diagnostic> Report::take() {
    std::stable_sort(
        diagnostics_.begin(), diagnostics_.end(), [](const Diagnostic& a, const Diagnostic& b) {
            return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
        });
    mention_excess(Diagnostic::Severity::kError, errors_);
    mention_excess(Diagnostic::Severity::kWarning, warnings_);
    return std::exchange(diagnostics_, {});
}

void Report::add(Diagnostic::Severity severity, Location where, std::string message) {
    diagnostics_.push_back({severity, where, std::move(message)});
}

void Report::mention_excess(Diagnostic::Severity severity, std::size_t total) {
    if (total > kMaxDiagnostics)
        add(severity, {},
            fmt::format("{} more are not shown; fix those above first", total - kMaxDiagnostics));
}

}  // namespace vipfwd::config
