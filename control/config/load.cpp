// SPDX-License-Identifier: Apache-2.0
#include "control/config/load.h"

#include <utility>

#include "control/config/auth_key.h"
#include "control/config/check.h"
#include "control/config/parse.h"
#include "control/config/read_file.h"
#include "control/config/report.h"
#include "control/config/script_user.h"
#include "control/config/seed.h"
#include "control/config/writers.h"

namespace vipfwd::config {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

std::optional<Draft> load_draft(std::string_view text, const std::string& path, Report& report) {
    std::optional<Draft> draft = parse(text, report);
    if (draft) {
        check(*draft, report);
        find_script_user(*draft, report);
        read_seed(draft->gateway, path, report);
        read_auth_keys(*draft, path, report);
    }
    return draft;
}

LoadOutcome finish(std::optional<Draft> draft, Report& report) {
    LoadOutcome outcome;
    if (draft && !report.has_errors())
        outcome.config = to_config(std::move(*draft));
    outcome.diagnostics = report.take();
    return outcome;
}

}  // namespace

LoadOutcome load(const std::string& path, Writers writers) {
    Report report;
    const Result<FileContent> file = read_file(path, kMaxFileBytes);
    if (!file) {
        report.error({}, "{}", file.error().message);
        return finish(std::nullopt, report);
    }
    std::optional<Draft> draft = load_draft(file.value().bytes, path, report);
    if (writers == Writers::kTrusted)
        check_writers(draft ? &*draft : nullptr, path, report);
    return finish(std::move(draft), report);
}

LoadOutcome load_text(std::string_view text, const std::string& path) {
    Report report;
    return finish(load_draft(text, path, report), report);
}

}  // namespace vipfwd::config
