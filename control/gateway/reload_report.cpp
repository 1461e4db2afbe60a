// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/reload_report.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace vipfwd::gateway {
namespace {

bool is_error(const config::Diagnostic& diagnostic) {
    return diagnostic.severity == config::Diagnostic::Severity::kError;
}

}  // namespace

std::vector<std::string> reasons_against(const plan::Outcome& outcome, const std::string& path) {
    std::vector<std::string> reasons;
    for (const config::Diagnostic& diagnostic : outcome.diagnostics) {
        if (is_error(diagnostic))
            reasons.push_back(config::to_string(diagnostic, path));
    }
    return reasons.empty() ? outcome.plan.losses : reasons;
}

void log_reload(const plan::Outcome& outcome, const std::string& path) {
    const bool has_errors = std::ranges::any_of(outcome.diagnostics, is_error);
    if (has_errors)
        spdlog::error("configuration {} has errors; nothing is changed", path);
    for (const config::Diagnostic& diagnostic : outcome.diagnostics) {
        spdlog::log(is_error(diagnostic) ? spdlog::level::err : spdlog::level::warn, "{}",
                    config::to_string(diagnostic, path));
    }
    if (has_errors)
        return;
    if (!outcome.applied)
        spdlog::error(
            "configuration {} takes service or connections away; nothing is changed. If that is "
            "meant, use `vipctl config apply --force`",
            path);
    for (const std::string& loss : outcome.plan.losses)
        spdlog::warn("{}", loss);
    if (!outcome.applied)
        return;
    spdlog::info("configuration {} applied", path);
    for (const std::string& change : outcome.plan.changes)
        spdlog::info("{}", change);
    for (const std::string& line : outcome.plan.waiting)
        spdlog::warn("waits for the dataplane's next start: {}", line);
}

}  // namespace vipfwd::gateway
