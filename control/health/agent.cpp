// SPDX-License-Identifier: Apache-2.0
#include "control/health/agent.h"

#include <algorithm>
#include <optional>

#include "control/health/failure.h"
#include "control/text/number.h"

namespace vipfwd::health {
namespace {

constexpr std::string_view kSeparators = " \t,";
constexpr std::uint32_t kWholeWeight_percent = 100;

// ASCII only: the protocol has no other letters.
std::string to_lower(std::string_view word) {
    std::string lower(word);
    for (char& letter : lower) {
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
    }
    return lower;
}

std::optional<std::uint32_t> parse_percent(std::string_view word) {
    if (!word.ends_with('%'))
        return std::nullopt;
    word.remove_suffix(1);
    const auto percent = text::parse_number<std::uint32_t>(word);
    return percent ? std::optional(std::min(*percent, kWholeWeight_percent)) : std::nullopt;
}

std::optional<AgentState> parse_state(std::string_view word) {
    if (word == "up" || word == "ready")
        return AgentState::kReady;
    if (word == "drain")
        return AgentState::kDrain;
    if (word == "maint")
        return AgentState::kMaint;
    if (word == "down" || word == "failed" || word == "fail" || word == "stopped")
        return AgentState::kDown;
    return std::nullopt;
}

// Takes the next word off `rest`; empty: there is none.
std::string_view take_word(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kSeparators), rest.size()));
    const std::string_view word = rest.substr(0, rest.find_first_of(kSeparators));
    rest.remove_prefix(word.size());
    return word;
}

}  // namespace

Result<AgentAnswer> parse_agent_answer(std::string_view line) {
    AgentAnswer answer{.line = shorten_answer(line)};
    std::string_view rest = line.substr(0, line.find('#'));
    bool has_words = false;
    while (true) {
        const std::string word = to_lower(take_word(rest));
        if (word.empty())
            break;
        has_words = true;
        if (const auto percent = parse_percent(word))
            answer.percent = *percent;
        else if (const auto state = parse_state(word))
            answer.state = std::max(answer.state, *state);
        else if (!word.starts_with("maxconn:"))
            return Error{"the agent's answer is not understood: " + quote_answer(line)};
    }
    if (!has_words)
        return Error{"the agent's answer is empty"};
    return answer;
}

}  // namespace vipfwd::health
