// SPDX-License-Identifier: Apache-2.0
#include "control/cli/table.h"

#include <algorithm>

namespace vipfwd::cli {
namespace {

constexpr std::size_t kGap = 2;

// In characters of UTF-8.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string aligned(const std::string& text, std::size_t to_width, Align align) {
    const std::string blanks(to_width - width(text), ' ');
    return align == Align::kLeft ? text + blanks : blanks + text;
}

void trim_end(std::string& line) {
    line.erase(line.find_last_not_of(' ') + 1);
}

}  // namespace

std::string Table::text() const {
    std::vector<std::size_t> widths;
    std::vector<std::string> titles;
    for (const Column& column : columns_) {
        widths.push_back(width(column.title));
        titles.push_back(column.title);
    }
    for (const std::vector<std::string>& row : rows_) {
        for (std::size_t i = 0; i < widths.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    std::string text;
    const auto add_line = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            line += i > 0 ? std::string(kGap, ' ') : "";
            line += aligned(cells[i], widths[i], columns_[i].align);
        }
        trim_end(line);
        text += line + "\n";
    };
    add_line(titles);
    for (const std::vector<std::string>& row : rows_)
        add_line(row);
    return text;
}

std::string labelled(const std::vector<std::pair<std::string, std::string>>& lines) {
    std::size_t widest = 0;
    for (const auto& [label, text] : lines)
        widest = std::max(widest, width(label));
    std::string all;
    for (const auto& [label, text] : lines) {
        std::string line = aligned(label, widest + kGap, Align::kLeft) + text;
        trim_end(line);
        all += line + "\n";
    }
    return all;
}

}  // namespace vipfwd::cli
