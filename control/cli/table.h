// SPDX-License-Identifier: Apache-2.0
// Text in columns.
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

    // One cell a column.
    void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    bool empty() const { return rows_.empty(); }

    // A line of titles, then one a row; two blanks between columns, none at the end of a line.
    std::string text() const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// "label  text", one a line, the texts below each other.
std::string labelled(const std::vector<std::pair<std::string, std::string>>& lines);

}  // namespace vipfwd::cli
