// SPDX-License-Identifier: Apache-2.0
#include "control/config/load.h"

#include <utility>

#include "control/config/auth_key.h"
#include "control/config/check.h"
#include "control/config/check_password.h"
#include "control/config/parse.h"
#include "control/config/report.h"
#include "control/config/script_user.h"
#include "control/config/seed.h"
#include "control/config/writers.h"
#include "control/text/read_file.h"

namespace vipfwd::config {
namespace {

std::optional<Draft> load_draft(std::string_view text, const std::string& path, Report& report) {
    std::optional<Draft> draft = parse(text, report);
    if (draft) {
        check(*draft, report);
        find_script_user(*draft, report);
        read_seed(draft->gateway, path, report);
        read_auth_keys(*draft, path, report);
        read_check_passwords(*draft, path, report);
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
    const Result<text::FileContent> file = text::read_file(path, text::kMaxConfigBytes);
    if (file)
        return load_text(file->bytes, path, writers);
    Report report;
    report.error({}, "{}", file.error().message);
    return finish(std::nullopt, report);
}

LoadOutcome load_text(std::string_view text, const std::string& path, Writers writers) {
    Report report;
    std::optional<Draft> draft = load_draft(text, path, report);
    if (writers == Writers::kTrusted)
        check_writers(draft ? &*draft : nullptr, path, report);
    return finish(std::move(draft), report);
}

}  // namespace vipfwd::config
