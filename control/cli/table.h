// SPDX-License-Identifier: Apache-2.0
// Aligns text in columns.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace vipfwd::cli {

enum class Align { kLeft, kRight };

struct Column {
    std::string title;
    Align align = Align::kLeft;
};

class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // One cell per column.
    void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    bool empty() const { return rows_.empty(); }

    // A line of titles, then one line per row. Two blanks separate columns; lines end without
    // blanks.
    std::string text() const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// One line "label  text" per pair, with the texts aligned.
std::string labelled(const std::vector<std::pair<std::string, std::string>>& lines);

}  // namespace vipfwd::cli
