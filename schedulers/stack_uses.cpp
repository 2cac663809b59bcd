// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/split_table.hpp>
#include <cairn/schedulers/stack_uses.hpp>

#include <algorithm>
#include <cstddef>

namespace cairn {
namespace {

/// At one depth, with c slots from there on: how many intervals of M(c, r), or of β(c, r), steps are kept, for each r.
///
/// Behind the r splits of an interval of β(c, r) lie intervals of β(c − 1, ρ) steps, ρ = r … 1, which are kept while
/// c > 1; those of M(c, r) leave M(c − 1, ρ), ρ = r … 2, and a single step.
class ExactIntervals {
 public:
  ExactIntervals(Step most_repetitions, Step least_repetitions)
      : number_(static_cast<std::size_t>(most_repetitions) + 1), least_{static_cast<std::size_t>(least_repetitions)} {}

  void add(Step repetitions) { number_[static_cast<std::size_t>(repetitions)] += 1; }
  /// Those behind the splits of a single interval one depth above.
  void add_behind_splits(Step repetitions) {
    for (auto r = static_cast<Step>(least_); r <= repetitions; ++r) add(r);
  }
  void count_in(StackUse& use) const {
    for (std::size_t r = 1; r < number_.size(); ++r) {
      use.takeshots += number_[r];
      use.restores += number_[r] * Count{r};
    }
  }
  void go_deeper() {
    for (std::size_t r = number_.size() - 1; r-- > least_;) number_[r] += number_[r + 1];
    std::fill_n(number_.begin(), least_, Count{0});
  }

 private:
  std::vector<Count> number_;  // by r
  std::size_t least_;          // r of the shortest interval that is kept behind a split
};

/// Three slots or more: r is at most some 19,000. Follows the one interval at each depth that is neither a β nor an M.
class UsesOfStack {
 public:
  UsesOfStack(Step steps, const SplitTable& splits)
      : splits_{splits},
        uses_(static_cast<std::size_t>(splits.slots())),
        steps_{steps},
        repetitions_{repetitions(steps, splits.slots())},
        betas_{repetitions_, 1},
        bends_{repetitions_, 2} {}

  std::vector<StackUse> count() {
    for (std::size_t depth = 0; depth < uses_.size(); ++depth) {
      betas_.count_in(uses_[depth]);
      bends_.count_in(uses_[depth]);
      betas_.go_deeper();
      bends_.go_deeper();
      if (steps_ > 1) split_all(uses_[depth], splits_.slots() - static_cast<Slots>(depth));
    }
    return uses_;
  }

 private:
  /// Takes the interval at this depth apart; leaves in steps_ what is to be followed behind one of the splits, or 1.
  void split_all(StackUse& use, Slots slots) {
    ++use.takeshots;
    if (slots == 1) {
      use.restores += steps_ - 1;
      steps_ = 1;
      return;
    }
    for (; steps_ > 1; --repetitions_) {
      const Step left = splits_.split(steps_, slots, repetitions_);
      const Step right = steps_ - left;
      ++use.restores;
      if (right == 1 || added_as_beta(right, slots - 1)) {
        steps_ = left;
        continue;
      }
      if (left > 1) {  // M(slots, r − 1), or else it would not have been the split
        use.restores += repetitions_ - 1;
        bends_.add_behind_splits(repetitions_ - 1);
      }
      steps_ = right;
      return;
    }
  }

  bool added_as_beta(Step steps, Slots slots) {
    for (const Step r : {repetitions_, repetitions_ - 1})
      if (steps == splits_.beta(slots, r)) {
        betas_.add(r);
        return true;
      }
    return false;
  }

  const SplitTable& splits_;
  std::vector<StackUse> uses_;
  Step steps_;        // of the interval that is followed
  Step repetitions_;  // of it
  ExactIntervals betas_;
  ExactIntervals bends_;
};

/// One or two slots: r can be 2^40 or 1.5 million.
std::vector<StackUse> uses_of_low_stack(Step steps, const SplitTable& splits) {
  if (steps == 1) return {{}};
  if (splits.slots() == 1) return {{.takeshots = 1, .restores = steps - 1}};
  StackUse lower{.takeshots = 1, .restores = 0};
  StackUse upper;
  for (Step r = repetitions(steps, 2); steps > 1; --r) {
    const Step left = splits.split(steps, 2, r);
    const Step right = steps - left;
    ++lower.restores;
    if (right > 1) ++upper.takeshots;
    upper.restores += right - 1;
    steps = left;
  }
  return {lower, upper};
}

}  // namespace

std::vector<StackUse> stack_uses(Step steps, Slots slots) {
  const SplitTable splits{steps, slots};
  return splits.slots() <= 2 ? uses_of_low_stack(steps, splits) : UsesOfStack{steps, splits}.count();
}

}  // namespace cairn
