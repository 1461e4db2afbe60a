// SPDX-License-Identifier: Apache-2.0
// Aligns text in columns, within the width of a terminal.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace vipfwd::cli {

// A width in characters.
inline constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

enum class Align { kLeft, kRight };

struct Column {
    std::string title;
    Align align = Align::kLeft;
    // Where room is short, columns of a high rank are left out before those of a low one; of rank 0
    // none is.
    int rank = 0;
    bool wraps = false;  // its text may be broken between words
};

class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // One cell per column.
    void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    bool empty() const { return rows_.empty(); }

    // A line of titles, then one line per row. Two blanks separate columns; lines end without
    // blanks. If that is wider than `width`, text is wrapped where it may be, columns without
    // content and those of the highest ranks are left out, and a last line names them. If the
    // columns of rank 0 are too wide all the same, each row becomes a block with a line for each
    // cell.
    std::string text(std::size_t width = kUnlimited) const;

  private:
    using Indices = std::vector<std::size_t>;

    std::size_t width_of(std::size_t column) const;
    std::size_t least_width_of(std::size_t column) const;
    std::size_t least_width_of(const Indices& shown) const;
    bool has_content(std::size_t column) const;
    Indices choose(std::size_t width) const;
    std::string lines(const Indices& shown, std::size_t width) const;
    std::string left_out(const Indices& shown, std::size_t width) const;
    std::string blocks(std::size_t width) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// The text in lines of at most `width` characters, broken between words. A word that is longer has
// a line of its own. At least one line.
std::vector<std::string> wrap(const std::string& text, std::size_t width);

// One line "label  text" per pair, with the texts aligned, and wrapped to `width`.
std::string labelled(const std::vector<std::pair<std::string, std::string>>& lines,
                     std::size_t width = kUnlimited);

}  // namespace vipfwd::cli
