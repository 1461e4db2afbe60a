// SPDX-License-Identifier: Apache-2.0
#include "control/health/script_probe.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "control/config/script_user.h"
#include "control/health/failure.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::health {
namespace {

// env(1) adds the variables to those that control was started with.
std::vector<std::string> words_of(const Target& target) {
    const config::Check& check = target.check;
    std::vector<std::string> words = {"env", "VIPFWD_POOL=" + target.pool,
                                      "VIPFWD_BACKEND=" + target.backend,
                                      "VIPFWD_ADDRESS=" + vipfwd::to_string(target.address),
                                      "VIPFWD_PORT=" + std::to_string(check.port)};
    words.insert(words.end(), check.command.begin(), check.command.end());
    return config::as_user(check.run_as, words);
}

ProbeResult judge(const ChildEnd& end) {
    if (!end.was_run)
        return not_checked(end.failure);
    if (end.failure.empty())
        return good();
    const std::string line = end.output.substr(0, end.output.find('\n'));
    return failed(line.empty() ? end.failure
                               : fmt::format("{}: {}", end.failure, shorten_answer(line)));
}

}  // namespace

ScriptProbe::ScriptProbe(Loop& loop, const Target& target, OnProbed on_probed)
    : on_probed_(std::move(on_probed)),
      deadline_ns_(monotonic_ns() + target.check.timeout_ms * kNanosecondsPerMs),
      child_(loop, [this](const ChildEnd& end) { on_end(end); }) {
    child_.start(words_of(target), target.check.timeout_ms, Child::Output::kCapture);
}

// The callback may destroy this object.
void ScriptProbe::on_end(const ChildEnd& end) {
    ProbeResult result = judge(end);
    const std::int64_t late_ns = monotonic_ns() - deadline_ns_;
    if (!result.is_good() && late_ns > kMaxLateness_ms * kNanosecondsPerMs)
        result = not_checked(fmt::format("this process was {} ms late to look for the answer",
                                         late_ns / kNanosecondsPerMs));
    const OnProbed on_probed = std::move(on_probed_);
    on_probed(std::move(result));
}

}  // namespace vipfwd::health
