// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/costs.hpp>

#include <algorithm>

namespace cairn {
namespace {

constexpr double memory = 1;     // samples that what was known before weighs as much as, at most
constexpr double most_jump = 10;  // one look may not change a measured time by more than this factor
constexpr double unknown_cost = 1;  // forward steps

}  // namespace

Costs::Costs(std::size_t levels) : levels_(levels) {
  seen_.levels.resize(levels);
}

void Costs::guess_step(double time) {
  if (step_.samples == 0) step_.time = time;
}

void Costs::guess_turn(double price) {
  turn_price_ = price;
}

void Costs::guess_transfers(Level level, std::optional<double> save_time, std::optional<double> load_time) {
  PerLevel& of = levels_.at(static_cast<std::size_t>(level.rank));
  if (of.save.samples == 0) of.save.time = of.save.guess = save_time;
  if (of.load.samples == 0) of.load.time = of.load.guess = load_time;
}

void Costs::give_prices(Level level, std::optional<double> save, std::optional<double> load) {
  PerLevel& of = levels_.at(static_cast<std::size_t>(level.rank));
  of.save_price = save;
  of.load_price = load;
}

void Costs::begin(const Observed& sums) {
  seen_ = sums;
}

void Costs::Estimate::learn(const Observed::Sum& before, const Observed::Sum& now) {
  const double count = now.count - before.count;
  if (count <= 0) return;
  double mean = (now.time - before.time) / count;
  if (samples == 0) {
    time = mean;
  } else {
    if (*time > 0) mean = std::clamp(mean, *time / most_jump, *time * most_jump);
    *time += (mean - *time) * count / (count + std::min(samples, memory));
  }
  samples += count;
}

void Costs::see(const Observed& sums) {
  step_.learn(seen_.advances, sums.advances);
  turn_.learn(seen_.turns, sums.turns);
  copy_.learn(seen_.copies, sums.copies);
  for (std::size_t k = 0; k < levels_.size(); ++k) {
    levels_[k].save.learn(seen_.levels[k].saves, sums.levels[k].saves);
    levels_[k].load.learn(seen_.levels[k].loads, sums.levels[k].loads);
  }
  seen_ = sums;
}

bool Costs::complete() const {
  return std::all_of(levels_.begin() + 1, levels_.end(), [&](const PerLevel& of) {
    const auto known = [&](const Estimate& time, const std::optional<double>& price) {
      return price || (time.time && step_.time);
    };
    return known(of.save, of.save_price) && known(of.load, of.load_price);
  });
}

// What was measured counts before what was given, and that before what was probed.
double Costs::in_steps(const Estimate& transfer, const std::optional<double>& given, double slowness) const {
  const bool timed = transfer.time && step_.time && *step_.time > 0;
  if (given && !(timed && transfer.samples > 0)) return *given;
  if (!timed) return unknown_cost;
  const double time = transfer.samples > 0 ? *transfer.time : *transfer.time * slowness;
  return (time + copy_.time.value_or(0)) / *step_.time;
}

Problem Costs::priced(Problem problem) const {
  const double step = step_.time.value_or(0);
  const double copy = step > 0 && copy_.time ? *copy_.time / step : 0;
  problem.levels[0].save_cost = problem.levels[0].load_cost = copy;
  for (std::size_t k = 1; k < problem.levels.size(); ++k) {
    const auto& [save, load, save_price, load_price] = levels_[k];
    const bool compares = save.samples > 0 && save.guess && *save.guess > 0;  // a device that is slow is so both ways
    problem.levels[k].save_cost = in_steps(save, save_price, 1);
    problem.levels[k].load_cost = in_steps(load, load_price, compares ? *save.time / *save.guess : 1);
  }
  const bool timed = turn_.time && step > 0;
  problem.turn_cost = timed ? *turn_.time / step : turn_price_.value_or(1);
  return problem;
}

}  // namespace cairn
