// SPDX-License-Identifier: Apache-2.0
#include "control/cli/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "control/text/read_file.h"
#include "control/text/utf8.h"

namespace vipfwd::cli {
namespace {

// "3:7": line and column from 1, as in the errors that control finds.
std::string place_of(std::string_view text, std::size_t at) {
    const std::string_view before = text.substr(0, at);
    const auto newlines = std::ranges::count(before, '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return fmt::format("{}:{}", newlines + 1, at - line_start + 1);
}

}  // namespace

Result<std::string> read_config(const std::string& path) {
    Result<text::FileContent> file = text::read_file(path, text::kMaxConfigBytes);
    if (!file)
        return Error{path + ": " + file.error().message};
    if (const auto invalid = text::find_invalid_utf8(file->bytes))
        return Error{path + ":" + place_of(file->bytes, *invalid) + ": not UTF-8"};
    return std::move(file->bytes);
}

}  // namespace vipfwd::cli
