// SPDX-License-Identifier: Apache-2.0
#include "control/api/config_commands.h"

#include <fmt/format.h>

#include <algorithm>

namespace vipfwd::api {

protocol::Response config_response(const std::string& path,
                                   const std::vector<config::Diagnostic>& diagnostics,
                                   std::string_view consequence) {
    std::vector<std::string> lines;
    for (const config::Diagnostic& diagnostic : diagnostics)
        lines.push_back(config::to_string(diagnostic, path));
    const auto errors =
        std::count_if(diagnostics.begin(), diagnostics.end(), [](const config::Diagnostic& one) {
            return one.severity == config::Diagnostic::Severity::kError;
        });
    if (errors == 0)
        return protocol::Response::accept({{"path", path}, {"warnings", lines}});
    return protocol::Response::reject(
        fmt::format("{} has {} {}{}", path, errors, errors == 1 ? "error" : "errors", consequence),
        std::move(lines));
}

}  // namespace vipfwd::api
