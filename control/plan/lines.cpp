// SPDX-License-Identifier: Apache-2.0
#include "control/plan/lines.h"

#include <fmt/format.h>

#include <algorithm>

namespace vipfwd::plan {

void cut(Lines& lines) {
    if (lines.size() <= kMaxLines)
        return;
    const std::size_t rest = lines.size() - (kMaxLines - 1);
    lines.resize(kMaxLines - 1);
    lines.push_back(fmt::format("and {} more", rest));
}

std::string some_of(const Lines& names) {
    const auto shown = std::min(names.size(), kMaxNames);
    std::string text =
        fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<long>(shown), ", "));
    return names.size() > shown ? text + fmt::format(" and {} more", names.size() - shown) : text;
}

}  // namespace vipfwd::plan
