// SPDX-License-Identifier: BSD-3-Clause
#include "text_table.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace cairn::tool {
namespace {

std::string line(const std::vector<std::string>& cells, const std::vector<TextTable::Column>& columns,
                 const std::vector<std::size_t>& widths) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string blanks(widths[i] - cells[i].size(), ' ');
    text += i == 0 ? "" : "  ";
    text += columns[i].align == TextTable::Align::left ? cells[i] + blanks : blanks + cells[i];
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

}  // namespace

TextTable::TextTable(std::vector<Column> columns) : columns_{std::move(columns)} {}

void TextTable::add(std::vector<std::string> row) {
  if (row.size() != columns_.size()) throw std::invalid_argument{"a row of the table has not one cell for each column"};
  rows_.push_back(std::move(row));
}

std::string TextTable::text() const {
  std::vector<std::string> heads;
  for (const Column& column : columns_) heads.push_back(column.head);
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(heads[i].size());
    for (const auto& row : rows_) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text = line(heads, columns_, widths);
  for (const auto& row : rows_) text += line(row, columns_, widths);
  return text;
}

}  // namespace cairn::tool
