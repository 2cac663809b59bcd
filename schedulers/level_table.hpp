// SPDX-License-Identifier: BSD-3-Clause
/// The recurrences of level_plan.hpp by a plain table: exact.
#pragma once

#include <cairn/schedulers/level_plan.hpp>

#include <cstdint>
#include <vector>

namespace cairn {

/// P and R of one k and m, by l = 0 … n; `never` where there is no plan.
struct TableRow {
  std::vector<Cost> stored;         ///< P
  std::vector<Cost> live;           ///< R
  std::vector<std::int32_t> split;  ///< j of P; 0: A

  /// Stands for `impossible` in tables: two of them and a price can be added.
  static constexpr Cost never = Cost{1} << 61;

  /// What a row is made from.
  struct Given {
    const std::vector<Cost>& below;   ///< A_k(l)
    const std::vector<Cost>* behind;  ///< R_k(·, m−1); nullptr: this row's own R, for unlimited slots
    Cost step, save, load;            ///< uf, w_k, r_k
    bool least_advances = false;      ///< only splits of the least advances, and then …
    Slots all = 0;                    ///< … the slots that P has, those of faster levels among them,
    Slots faster = 0;                 ///< and those that A has
    bool keeps_on_ties = false;       ///< where A costs the same, the snapshot stays
  };
  explicit TableRow(const Given& given);  ///< n² / 2 additions, for n + 1 entries of `below`.
};

/// Every P_k(l, m) and R_k(l, m), by trying every split. Some n²·Σc / 2 additions, 20·n·Σc bytes; the slots of a free
/// level 0 do not count, nor those that change nothing, and unlimited ones count as one.
///
/// With LevelCosts::least_advances the splits are those of binomial.hpp that have the least advances, and the costs are
/// those of storage alone.
class LevelTable final : public LevelPlan {
 public:
  /// Throws std::invalid_argument where steps is below 1 or above most_steps.
  LevelTable(LevelCosts costs, Step steps);
  static constexpr Step most_steps = Step{1} << 20;

  /// The additions that a table would take, saturating.
  static Count work(const LevelCosts& costs, Step steps);

  Step split(std::size_t k, Step steps, Slots slots) const override;
  bool keeps(std::size_t k, Step steps, Slots slots) const override;
  Cost stored_cost(std::size_t k, Step steps, Slots slots) const override;
  Cost live_cost(std::size_t k, Step steps, Slots slots) const override;
  bool exact() const override { return true; }

 private:
  struct Rows {
    std::vector<Cost> below;   // A_k(l)
    std::vector<TableRow> of;  // m = 1 …; further ones are as the last
  };
  std::vector<Cost> base() const;
  void fill(std::size_t k, Slots faster);
  const TableRow& at(std::size_t k, Slots slots) const;
  bool formula(std::size_t k) const { return k == 0 && costs().free_base(); }

  std::vector<Rows> levels_;
};

}  // namespace cairn
