// SPDX-License-Identifier: BSD-3-Clause
/// Tables for people to read on a terminal.
#pragma once

#include <string>
#include <vector>

namespace cairn::tool {

/// Columns two blanks apart, as wide as their widest cell (which is taken to be one column a byte, ASCII).
class TextTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string head;
    Align align = Align::right;
  };
  explicit TextTable(std::vector<Column> columns);
  void add(std::vector<std::string> row);  ///< As many cells as columns, else std::invalid_argument.
  std::string text() const;                ///< Head and rows, each line ended; no blanks at the ends of lines.

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace cairn::tool
