// SPDX-License-Identifier: BSD-3-Clause
#include "text_table.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace cairn::tool {
namespace {

TEST(TextTable, AlignsColumnsAndEndsLinesWithoutBlanks) {
  TextTable table{{{"name", TextTable::Align::left}, {"n"}, {"note", TextTable::Align::left}}};
  table.add({"a", "1000", "x"});
  table.add({"longer", "1", ""});
  EXPECT_EQ(table.text(),
            "name       n  note\n"
            "a       1000  x\n"
            "longer     1\n");
}

TEST(TextTable, RefusesARowOfAnotherWidth) {
  TextTable table{{{"a"}, {"b"}}};
  EXPECT_THROW(table.add({"1"}), std::invalid_argument);
}

}  // namespace
}  // namespace cairn::tool
