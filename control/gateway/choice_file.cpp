// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/choice_file.h"

#include <spdlog/spdlog.h>

#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

#include "control/health/choice_text.h"
#include "control/text/read_file.h"
#include "control/text/replace_file.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

health::ClockPair now() {
    return {.boottime_s = boottime_s(), .unix_s = unix_ms() / 1000};
}

}  // namespace

health::AdminChoices ChoiceFile::load() const {
    std::error_code ignored;
    if (path_.empty() || !std::filesystem::exists(path_, ignored))
        return {};
    const Result<text::FileContent> file = text::read_file(path_, kMaxBytes);
    Result<health::AdminChoices> choices =
        file ? health::parse_choices(file->bytes, now()) : file.error();
    if (choices)
        return std::move(*choices);
    spdlog::error("{}: {}; what was chosen for backends before is lost", path_,
                  choices.error().message);
    return {};
}

void ChoiceFile::save(Background& background,
                      std::shared_ptr<const health::AdminChoices> choices) const {
    if (path_.empty())
        return;
    const auto written = std::make_shared<Result<void>>();
    auto work = [this, choices = std::move(choices), written] {
        *written = text::replace_file(path_, health::to_text(*choices, now()));
    };
    background.run(Background::Priority::kNormal, std::move(work), [written] {
        if (!*written)
            spdlog::error("what is chosen for backends will not outlive a reboot: {}",
                          written->error().message);
    });
}

}  // namespace vipfwd::gateway
