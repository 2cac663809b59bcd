// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/split_table.hpp>

#include <stdexcept>
#include <string>

namespace cairn {
namespace {

constexpr Slots most_slots = limits::slots * limits::tiers;

void check(std::string_view name, std::int64_t value, std::int64_t most) {
  const std::string is = std::string{name} + " is " + std::to_string(value);
  if (value < 1) throw std::invalid_argument{is + "; there must be at least 1"};
  if (value > most) throw std::invalid_argument{is + "; at most " + std::to_string(most) + " are supported"};
}

Slots usable(Step steps, Slots slots) {
  check("steps", steps, limits::steps);
  if (slots >= steps) slots = std::max<Slots>(1, steps - 1);
  check("slots", slots, most_slots);
  return slots;
}

}  // namespace

SplitTable::SplitTable(Step steps, Slots slots) : slots_{usable(steps, slots)} {
  if (slots_ <= 2) return;
  pitch_ = repetitions(steps, slots_) + 1 + negative;
  betas_.assign(static_cast<std::size_t>((slots_ + 1) * pitch_), 0);
  std::fill_n(betas_.begin() + negative, pitch_ - negative, Step{1});
  for (Slots c = 1; c <= slots_; ++c) {
    Step* const row = betas_.data() + c * pitch_;
    for (Step r = negative; r < pitch_; ++r) row[r] = std::min(steps + 1, row[r - pitch_] + row[r - 1]);
  }
}

}  // namespace cairn
