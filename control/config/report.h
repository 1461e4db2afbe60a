// SPDX-License-Identifier: Apache-2.0
// Collects the errors and warnings of one file.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "control/config/diagnostic.h"

namespace vipfwd::config {

// Per severity. Further diagnostics are only counted, so that a hostile file cannot exhaust memory.
inline constexpr std::size_t kMaxDiagnostics = 10'000;

class Report {
  public:
    template <typename... Args>
    void error(Location where, fmt::format_string<Args...> format, Args&&... args) {
        if (count(errors_))
            add(Diagnostic::Severity::kError, where,
                fmt::format(format, std::forward<Args>(args)...));
    }

    template <typename... Args>
    void warning(Location where, fmt::format_string<Args...> format, Args&&... args) {
        if (count(warnings_))
            add(Diagnostic::Severity::kWarning, where,
                fmt::format(format, std::forward<Args>(args)...));
    }

    bool has_errors() const { return errors_ > 0; }

    // All diagnostics in the order of their lines; the last ones say how many were only counted.
    std::vector<Diagnostic> take();

  private:
    // Counts one more; true if there is room to keep it.
    static bool count(std::size_t& total) { return total++ < kMaxDiagnostics; }
    void add(Diagnostic::Severity severity, Location where, std::string message);
    void mention_excess(Diagnostic::Severity severity, std::size_t total);

    std::vector<Diagnostic> diagnostics_;
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

}  // namespace vipfwd::config
