// SPDX-License-Identifier: Apache-2.0
#include "control/cli/table.h"

#include <algorithm>
#include <numeric>

namespace vipfwd::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastWrapped = 24;  // a narrower text is hard to read
constexpr const char* kNothing = "-";

// In characters of UTF-8.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string aligned(const std::string& text, std::size_t to_width, Align align) {
    const std::size_t used = width(text);
    const std::string blanks(to_width - std::min(used, to_width), ' ');
    return align == Align::kLeft ? text + blanks : blanks + text;
}

void trim_end(std::string& line) {
    line.erase(line.find_last_not_of(' ') + 1);
}

}  // namespace

std::vector<std::string> wrap(const std::string& text, std::size_t to_width) {
    std::vector<std::string> lines(1);
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t word = std::min(text.find_first_not_of(' ', at), text.size());
        const std::size_t end = std::min(text.find(' ', word), text.size());
        const std::string next = text.substr(at, end - at);  // with the blanks before it
        if (!lines.back().empty() && width(lines.back()) + width(next) > to_width)
            lines.push_back(text.substr(word, end - word));
        else
            lines.back() += next;
        at = end;
    }
    for (std::string& line : lines)
        trim_end(line);
    return lines;
}

std::size_t Table::width_of(std::size_t column) const {
    std::size_t widest = width(columns_[column].title);
    for (const std::vector<std::string>& row : rows_)
        widest = std::max(widest, width(row[column]));
    return widest;
}

std::size_t Table::least_width_of(std::size_t column) const {
    const std::size_t whole = width_of(column);
    return columns_[column].wraps ? std::min(whole, kLeastWrapped) : whole;
}

std::size_t Table::least_width_of(const Indices& shown) const {
    std::size_t sum = shown.empty() ? 0 : kGap * (shown.size() - 1);
    for (const std::size_t column : shown)
        sum += least_width_of(column);
    return sum;
}

bool Table::has_content(std::size_t column) const {
    return std::ranges::any_of(rows_, [column](const std::vector<std::string>& row) {
        return row[column] != kNothing && !row[column].empty();
    });
}

// The columns that fit, in their order; those of rank 0 at least. A column that is too wide makes
// room for narrower ones of a higher rank.
Table::Indices Table::choose(std::size_t to_width) const {
    Indices by_importance(columns_.size());
    std::iota(by_importance.begin(), by_importance.end(), std::size_t{0});
    if (least_width_of(by_importance) <= to_width)
        return by_importance;
    std::ranges::stable_sort(by_importance, {}, [this](std::size_t column) {
        const int rank = columns_[column].rank;
        return std::pair(rank != 0 && !has_content(column), rank);
    });
    Indices shown;
    for (const std::size_t column : by_importance) {
        shown.push_back(column);
        if (columns_[column].rank != 0 &&
            (!has_content(column) || least_width_of(shown) > to_width))
            shown.pop_back();
    }
    std::ranges::sort(shown);
    return shown;
}

std::string Table::lines(const Indices& shown, std::size_t to_width) const {
    std::vector<std::size_t> widths;
    std::size_t spare = to_width - std::min(to_width, least_width_of(shown));
    for (const std::size_t column : shown) {
        const std::size_t least = least_width_of(column);
        const std::size_t more = std::min(width_of(column) - least, spare);
        spare -= more;
        widths.push_back(least + more);
    }
    std::string text;
    const auto add_line = [&](const auto& cell_of) {
        std::string line;
        for (std::size_t i = 0; i < shown.size(); ++i) {
            line += i > 0 ? std::string(kGap, ' ') : "";
            line += aligned(cell_of(i), widths[i], columns_[shown[i]].align);
        }
        trim_end(line);
        text += line + "\n";
    };
    add_line([&](std::size_t i) { return columns_[shown[i]].title; });
    for (const std::vector<std::string>& row : rows_) {
        std::vector<std::vector<std::string>> cells;
        std::size_t height = 1;
        for (std::size_t i = 0; i < shown.size(); ++i) {
            const std::string& cell = row[shown[i]];
            cells.push_back(width(cell) > widths[i] ? wrap(cell, widths[i])
                                                    : std::vector<std::string>{cell});
            height = std::max(height, cells.back().size());
        }
        for (std::size_t line = 0; line < height; ++line)
            add_line([&](std::size_t i) { return line < cells[i].size() ? cells[i][line] : ""; });
    }
    return text;
}

std::string Table::left_out(const Indices& shown, std::size_t to_width) const {
    if (shown.size() == columns_.size())
        return "";
    std::string names;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (!std::ranges::binary_search(shown, i))
            names += (names.empty() ? "" : ", ") + columns_[i].title;
    }
    std::string text;
    for (const std::string& line : wrap("(--wide shows " + names + ", too)", to_width))
        text += line + "\n";
    return text;
}

std::string Table::blocks(std::size_t to_width) const {
    std::string text;
    for (const std::vector<std::string>& row : rows_) {
        std::vector<std::pair<std::string, std::string>> pairs;
        for (std::size_t i = 0; i < columns_.size(); ++i)
            pairs.emplace_back(columns_[i].title, row[i]);
        text += (text.empty() ? "" : "\n") + labelled(pairs, to_width);
    }
    return text;
}

std::string Table::text(std::size_t to_width) const {
    const Indices shown = choose(to_width);
    if (least_width_of(shown) > to_width && !rows_.empty())
        return blocks(to_width);
    return lines(shown, to_width) + left_out(shown, to_width);
}

std::string labelled(const std::vector<std::pair<std::string, std::string>>& lines,
                     std::size_t to_width) {
    std::size_t widest = 0;
    for (const auto& [label, text] : lines)
        widest = std::max(widest, width(label));
    const std::size_t indent = widest + kGap;
    std::string all;
    for (const auto& [label, text] : lines) {
        std::string begin = aligned(label, indent, Align::kLeft);
        for (const std::string& part : wrap(text, to_width - std::min(indent, to_width - 1))) {
            std::string line = begin + part;
            trim_end(line);
            all += line + "\n";
            begin = std::string(indent, ' ');
        }
    }
    return all;
}

}  // namespace vipfwd::cli
