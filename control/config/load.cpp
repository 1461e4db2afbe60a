// SPDX-License-Identifier: Apache-2.0
#include "control/config/load.h"

#include <utility>

#include "control/config/auth_key.h"
#include "control/config/check.h"
#include "control/config/parse.h"
#include "control/config/read_file.h"
#include "control/config/report.h"
#include "control/config/seed.h"

namespace vipfwd::config {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

}  // namespace

LoadOutcome load(const std::string& path) {
    const Result<FileContent> file = read_file(path, kMaxFileBytes);
    if (file)
        return load_text(file.value().bytes, path);
    Report report;
    report.error({}, "{}", file.error().message);
    return {std::nullopt, report.take()};
}

LoadOutcome load_text(std::string_view text, const std::string& path) {
    Report report;
    std::optional<Draft> draft = parse(text, report);
    if (draft) {
        check(*draft, report);
        read_seed(draft->gateway, path, report);
        read_auth_keys(*draft, path, report);
    }
    LoadOutcome outcome;
    if (draft && !report.has_errors())
        outcome.config = to_config(std::move(*draft));
    outcome.diagnostics = report.take();
    return outcome;
}

}  // namespace vipfwd::config
