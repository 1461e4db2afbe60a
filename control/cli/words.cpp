// SPDX-License-Identifier: Apache-2.0
#include "control/cli/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "control/protocol/commands.h"
#include "control/text/quote.h"
#include "control/text/suggest.h"

namespace vipfwd::cli {
namespace {

using Words = std::vector<std::string_view>;

// The words that may follow `family`; the first words of all commands if it is empty.
Words next_words(std::string_view family) {
    Words words;
    for (const protocol::CommandInfo& info : protocol::kCommands) {
        const std::string_view own = protocol::family_of(info);
        if (family.empty())
            words.push_back(own.empty() ? info.name : own);
        else if (own == family)
            words.push_back(protocol::word_of(info));
    }
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

std::string explain(std::span<const std::string_view> words, std::string_view family) {
    const Words known = next_words(family);
    const std::string prefix = family.empty() ? "" : fmt::format("{}: ", family);
    if (words.empty())
        return fmt::format("{}name a command: {}", prefix, fmt::join(known, ", "));
    if (std::ranges::find(known, words.front()) != known.end())
        return "";
    const std::string suggestion = text::suggestion(words.front(), known);
    return fmt::format(
        "{}there is no command {}{}", prefix, text::quote(words.front()),
        suggestion.empty() ? fmt::format("; use {}", fmt::join(known, ", ")) : suggestion);
}

}  // namespace

std::string explain_words(std::span<const std::string_view> words) {
    std::string wrong = explain(words, "");
    if (!wrong.empty() || protocol::family_help(words.front()).empty())
        return wrong;
    return explain(words.subspan(1), words.front());
}

}  // namespace vipfwd::cli
