// SPDX-License-Identifier: BSD-3-Clause
#include "process.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cairn::test {
namespace {

constexpr std::uint64_t poison = 0xdeadbeefdeadbeef;

}  // namespace

CheckedToy::CheckedToy(Universe& universe) : universe_{&universe} {
  x_.words.assign(universe.scenario.words, poison);
  start_sweep();
}

State CheckedToy::state() {
  State state;
  state.add("words", x_.words).add("clock", x_.clock);
  return state;
}

State CheckedToy::kept() {
  State kept;
  kept.add("trace", sums_.trace).add("adjoint", sums_.adjoint).add("gradient", sums_.gradient);
  return kept;
}

Operators CheckedToy::operators() {
  return {.advance = [this](Steps steps) { advance(steps); }, .reverse = [this](Steps steps) { turn(steps.first); }};
}

void CheckedToy::start_sweep() {
  const ToyState& start = truth().at(0);
  std::ranges::copy(start.words, x_.words.begin());  // the array stays where it is
  x_.clock = start.clock;
  sums_ = {};
  reached_ = 0;
  next_turn_ = truth().steps() - 1;
}

void CheckedToy::goes_on_from(const Position& position) {
  reached_ = position.reverse ? truth().steps() : position.step;
  next_turn_ = position.reverse ? position.step - 1 : truth().steps() - 1;
}

void CheckedToy::expect_live(Step step) const {
  if (!(x_ == truth().at(step))) universe_->world.violate(fmt::format("x_{} is not live where it should be", step));
}

void CheckedToy::expect_sums(bool reverse, Step step) const {
  if (!universe_->scenario.keeps && !reverse) return;  // the trace of an earlier process is lost then
  if (!(sums_ == truth().sums(reverse, step)))
    universe_->world.violate(
        fmt::format("the sums are not those of the {} sweep at step {}", reverse ? "reverse" : "forward", step));
}

void CheckedToy::moment() {
  universe_->world.at_an_operator();
  if (universe_->scenario.exceptions > 0 && universe_->world.random.one_in(60)) {
    --universe_->scenario.exceptions;
    throw Died{};
  }
}

void CheckedToy::advance(Steps steps) {
  if (steps.first >= steps.last || steps.last > truth().steps())
    universe_->world.violate(fmt::format("advance from {} to {}", steps.first, steps.last));
  if (steps.again != (steps.first < reached_) || (steps.again && steps.last > reached_))
    universe_->world.violate(
        fmt::format("steps {} to {}: again is {}, {} were reached", steps.first, steps.last, steps.again, reached_));
  for (Step step = steps.first; step < steps.last; ++step) {
    expect_live(step);
    moment();
    toy_step(x_, step, truth().law());
    if (!steps.again) toy_record(sums_, x_);
  }
  expect_live(steps.last);
  reached_ = std::max(reached_, steps.last);
}

void CheckedToy::seed() {
  expect_live(truth().steps());
  moment();
  if (!universe_->scenario.keeps) sums_ = truth().sums(false, truth().steps());
  toy_seed(sums_, x_);
  expect_sums(true, truth().steps());
}

void CheckedToy::turn(Step step) {
  if (step != next_turn_)
    universe_->world.violate(fmt::format("step {} is turned where it is {}'s turn", step, next_turn_));
  expect_live(step);
  moment();
  toy_turn(sums_, x_, step);
  expect_sums(true, step);
  --next_turn_;
  std::ranges::fill(x_.words, poison);
  x_.clock = poison;
}

}  // namespace cairn::test
