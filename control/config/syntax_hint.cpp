// SPDX-License-Identifier: Apache-2.0
#include "control/config/syntax_hint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "control/config/toml_scan.h"
#include "control/text/quote.h"

namespace vipfwd::config {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBareKey =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
constexpr std::size_t kLongestShown = 60;  // bytes

// Quotes that word processors and web pages write, and others that TOML does not know.
constexpr std::array<std::string_view, 17> kOtherQuotes = {
    "\u2018", "\u2019", "\u201a", "\u201b", "\u201c", "\u201d", "\u201e", "\u201f", "\u2032",
    "\u2033", "\u2039", "\u203a", "\u00ab", "\u00bb", "\u00b4", "`",      "\uff02"};

bool begins_with_other_quote(std::string_view text) {
    return std::ranges::any_of(kOtherQuotes,
                               [text](std::string_view quote) { return text.starts_with(quote); });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Without quotes of any kind at both ends.
std::string_view unquoted(std::string_view text) {
    const auto cut_begin = [&](std::string_view quote) {
        if (text.starts_with(quote))
            text.remove_prefix(quote.size());
    };
    const auto cut_end = [&](std::string_view quote) {
        if (text.ends_with(quote))
            text.remove_suffix(quote.size());
    };
    std::ranges::for_each(kOtherQuotes, cut_begin);
    std::ranges::for_each(kOtherQuotes, cut_end);
    for (const std::string_view quote : {"\"", "'"}) {
        cut_begin(quote);
        cut_end(quote);
    }
    return text;
}

std::string_view line_at(std::string_view text, std::size_t at) {
    const std::size_t start = text.substr(0, at).rfind('\n') + 1;  // npos + 1 is 0
    return text.substr(start, std::min(text.find('\n', at), text.size()) - start);
}

// "[port]", "[[port]]".
bool is_header(std::string_view line) {
    const std::size_t name = line.find_first_not_of('[');
    if (name == 0 || name > 2 || name == std::string_view::npos)
        return false;
    const std::size_t end = line.find_first_not_of(kBareKey, name);
    return end != name && end != std::string_view::npos && (line[end] == ']' || line[end] == '.') &&
           kLetters.find(line[name]) != std::string_view::npos;
}

// A key, and then something other than '='.
bool is_key_without_equals(std::string_view text, std::size_t at) {
    const std::string_view line = trimmed(line_at(text, at));
    const std::size_t end = line.find_first_not_of(kBareKey);
    return end != 0 && (end == std::string_view::npos || line.data() + end <= text.data() + at + 1);
}

// "key = ...", which stands in no list.
bool is_assignment(std::string_view line) {
    const std::size_t end = line.find_first_not_of(kBareKey);
    if (end == 0 || end == std::string_view::npos)
        return false;
    const std::string_view rest = trimmed(line.substr(end));
    return rest.starts_with('=');
}

struct Bracket {
    char kind;  // '[' of a list, '{' of an inline table
    std::size_t at;
};

// What the text up to some offset leaves open.
struct Open {
    std::vector<Bracket> brackets;         // from the outermost
    std::optional<std::size_t> header_at;  // of "[port"
    std::optional<std::size_t> value_at;  // where the value of a key or an element of a list begins
    std::optional<std::size_t> string_at;  // of the opening quote
    bool is_line_blank = true;             // so far
};

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of(kBlanks, at), text.size());
}

void close_bracket(Open& open, char kind) {
    if (!open.brackets.empty() && open.brackets.back().kind == kind)
        open.brackets.pop_back();
}

void follow(std::string_view text, std::size_t at, Open& open) {
    switch (text[at]) {
        case '[':
            if (open.brackets.empty() && open.is_line_blank) {
                open.header_at = at;
            } else if (!open.header_at) {
                open.brackets.push_back({'[', at});
                open.value_at = skip_blanks(text, at + 1);
            }
            break;
        case '{':
            open.brackets.push_back({'{', at});
            open.value_at.reset();
            break;
        case ']':
            close_bracket(open, '[');
            break;
        case '}':
            close_bracket(open, '{');
            break;
        case '=':
            open.value_at = skip_blanks(text, at + 1);
            break;
        case ',':
            open.value_at.reset();
            if (!open.brackets.empty() && open.brackets.back().kind == '[')
                open.value_at = skip_blanks(text, at + 1);
            break;
        case '\n':
            if (open.brackets.empty())
                open.value_at.reset();
            open.header_at.reset();
            open.is_line_blank = true;
            return;
        case ' ':
        case '\t':
        case '\r':
            return;
        default:
            break;
    }
    open.is_line_blank = false;
}

Open open_at(std::string_view text, std::size_t end) {
    Open open;
    for (std::size_t at = 0; at < end;) {
        if (text[at] == '#') {
            at = end_of_comment(text, at);
        } else if (text[at] == '"' || text[at] == '\'') {
            const std::size_t string_end = end_of_string(text, at);
            if (string_end > end || text[string_end - 1] != text[at] || string_end == at + 1) {
                open.string_at = at;
                return open;
            }
            at = string_end;
            open.is_line_blank = false;
        } else {
            follow(text, at, open);
            ++at;
        }
    }
    return open;
}

std::string hint_on_string(std::string_view text, std::size_t at, std::size_t string_at) {
    const Location begin = location_of(text, string_at);
    if (at < text.size() && text[at] != '\n')
        return text[string_at] == '"' && text[at - 1] == '\\'
                   ? "a backslash between double quotes begins an escape sequence: write it twice, "
                     "or put the text in single quotes"
                   : "";
    if (begin.line != location_of(text, at).line)
        return fmt::format("the string that begins in line {} has no closing quotes", begin.line);
    const std::string_view string = trimmed(text.substr(string_at, at - string_at));
    return fmt::format("the string has no closing quote; write {}{}{}", string[0],
                       text::printable(unquoted(string).substr(0, kLongestShown)), string[0]);
}

// An integer as TOML knows it.
bool is_integer(std::string_view written) {
    const std::string_view digits = written.substr(written.find_first_not_of("+-") != 0 ? 1 : 0);
    return !digits.empty() && digits.find_first_not_of("0123456789_") == std::string_view::npos;
}

// "100ms", "10 s", "2.5k".
bool is_number_with_unit(std::string_view written) {
    const std::size_t end = written.find_first_not_of("0123456789_.");
    return end != 0 && end != std::string_view::npos &&
           std::ranges::count(written.substr(0, end), '.') <= 1 &&
           trimmed(written.substr(end)).find_first_not_of(kLetters) == std::string_view::npos;
}

// About a value that is written without quotes.
std::string hint_on_bare_value(std::string_view written) {
    constexpr std::array kBooleans = {std::pair{"yes", "true"},    std::pair{"on", "true"},
                                      std::pair{"True", "true"},   std::pair{"TRUE", "true"},
                                      std::pair{"no", "false"},    std::pair{"off", "false"},
                                      std::pair{"False", "false"}, std::pair{"FALSE", "false"}};
    if (written.empty())
        return "a value is missing; write one, or remove the key";
    for (const auto& [word, value] : kBooleans) {
        if (written == word)
            return fmt::format("write {}, which TOML knows, or \"{}\" if it is a text", value,
                               word);
    }
    if (is_number_with_unit(written))
        return "write the number alone: the name of the key has its unit";
    const bool is_other_quote = begins_with_other_quote(written);
    return fmt::format("{}; write \"{}\"",
                       is_other_quote ? "these are not the quotes of TOML" : "a text needs quotes",
                       text::printable(unquoted(written).substr(0, kLongestShown)));
}

// The value that begins at `at`, without a comment, and without the next key if a comma is missing.
std::string_view value_from(std::string_view text, std::size_t at, bool is_in_brackets) {
    const std::size_t end = text.find_first_of(is_in_brackets ? ",]}#\n" : "#\n", at);
    const std::string_view value = trimmed(text.substr(at, std::min(end, text.size()) - at));
    return is_in_brackets && value.find('=') != std::string_view::npos
               ? value.substr(0, value.find_first_of(kBlanks))
               : value;
}

std::string not_closed(std::string_view text, const Bracket& list) {
    return fmt::format("the list that begins in line {} is not closed; add ']'",
                       location_of(text, list.at).line);
}

// Whether the line of `at` cannot belong to a list that was opened in an earlier one.
bool leaves_list(std::string_view text, std::size_t at, const Bracket& list) {
    const std::string_view line = trimmed(line_at(text, at));
    return location_of(text, list.at).line < location_of(text, at).line &&
           (is_header(line) || is_assignment(line));
}

// About the innermost bracket that is open where the parser gave up.
std::string hint_on_bracket(std::string_view text, std::size_t at, const Bracket& bracket) {
    const bool is_at_end = text.find_first_not_of(" \t\r\n", at) == std::string_view::npos;
    if (bracket.kind == '{') {
        if (is_at_end || text[at] == '\n' || text[at] == '#')
            return fmt::format(
                "the inline table that begins in line {} is not closed; add '}}': TOML wants all "
                "of it in one line",
                location_of(text, bracket.at).line);
        if (text[at] == '}')
            return "remove the comma before '}'";
    } else if (is_at_end) {
        return not_closed(text, bracket);
    }
    const std::size_t before = text.find_last_not_of(" \t\r\n", at - 1);
    const bool follows_element =
        std::string_view(",[{=").find(text[before]) == std::string_view::npos;
    return follows_element ? "a comma is missing before this" : "";
}

}  // namespace

std::string syntax_hint(std::string_view text, Location where) {
    const std::size_t at = offset_of(text, where);
    const Open open = open_at(text, at);
    if (open.string_at)
        return hint_on_string(text, at, *open.string_at);
    if (!open.header_at && (text.substr(at).starts_with("//") || text.substr(at, 1) == ";"))
        return "a comment begins with '#'";
    if (at > 0 && at < text.size() && (text[at - 1] == '"' || text[at - 1] == '\'') &&
        kBareKey.find(text[at]) != std::string_view::npos)
        return "a quote is missing before this one, or a comma after it";
    if (open.header_at)
        return "the header is not closed as it was opened; write [name], or [[name]] for one of "
               "several";
    // A list that is not closed swallows what follows: the outermost list tells.
    const auto list = std::ranges::find(open.brackets, '[', &Bracket::kind);
    if (list != open.brackets.end() && leaves_list(text, at, *list))
        return not_closed(text, *list);
    const std::string_view value =
        open.value_at ? value_from(text, *open.value_at, !open.brackets.empty()) : "";
    const bool is_in_value = open.value_at && at <= *open.value_at + value.size();
    const bool is_bare = value.empty()
                             ? open.brackets.empty()
                             : std::string_view("\"'[{").find(value[0]) == std::string_view::npos &&
                                   !is_integer(value);
    if (is_in_value && is_bare)
        return hint_on_bare_value(value);
    if (!open.brackets.empty())
        return hint_on_bracket(text, at, open.brackets.back());
    if (begins_with_other_quote(text.substr(at)))
        return "these are not the quotes of TOML; write \" or '";
    if (text.substr(at, 1) == ",")
        return "remove the comma: each key stands in a line of its own";
    if (!open.value_at && is_key_without_equals(text, at))
        return "write 'key = value'";
    return "";
}

}  // namespace vipfwd::config
