// SPDX-License-Identifier: Apache-2.0
#include "control/api/config_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace vipfwd::api {
namespace {

using protocol::Response;

std::size_t count_errors(const std::vector<config::Diagnostic>& diagnostics) {
    return static_cast<std::size_t>(std::ranges::count(
        diagnostics, config::Diagnostic::Severity::kError, &config::Diagnostic::severity));
}

std::vector<std::string> texts(const std::string& path,
                               const std::vector<config::Diagnostic>& diagnostics) {
    std::vector<std::string> lines;
    for (const config::Diagnostic& diagnostic : diagnostics)
        lines.push_back(config::to_string(diagnostic, path));
    return lines;
}

Response reject_errors(const std::string& path, const std::vector<config::Diagnostic>& diagnostics,
                       std::string_view consequence) {
    const std::size_t errors = count_errors(diagnostics);
    return Response::reject(
        fmt::format("{} has {} {}{}", path, errors, errors == 1 ? "error" : "errors", consequence),
        texts(path, diagnostics));
}

}  // namespace

Response check_response(const std::string& path,
                        const std::vector<config::Diagnostic>& diagnostics) {
    if (count_errors(diagnostics) != 0)
        return reject_errors(path, diagnostics, "");
    return Response::accept({{"path", path}, {"warnings", texts(path, diagnostics)}});
}

Response apply_response(const std::string& path, const plan::Outcome& outcome, plan::Mode mode) {
    if (count_errors(outcome.diagnostics) != 0)
        return reject_errors(path, outcome.diagnostics, "; nothing is changed");
    const plan::Plan& plan = outcome.plan;
    if (!outcome.applied && !mode.dry_run) {
        return Response::reject(
            fmt::format(
                "{} takes service or connections away; nothing is changed. If that is meant, "
                "apply it with --force",
                path),
            plan.losses);
    }
    return Response::accept({{"path", path},
                             {"warnings", texts(path, outcome.diagnostics)},
                             {"applied", outcome.applied},
                             {"changes", plan.changes},
                             {"waiting", plan.waiting},
                             {"losses", plan.losses}});
}

}  // namespace vipfwd::api
