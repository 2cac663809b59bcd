// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/costs.hpp>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

constexpr double memory = 512;       // samples that what was known before weighs as much as, at most
constexpr double off = 1.25;         // by this factor a mean belongs to another cost, if others say the same
constexpr double far_off = 3;        // by this factor it is so sooner, and moves nothing before
constexpr int many = 16;             // looks that are believed: neither devices nor threads are steady
constexpr int few = 2;               // looks that are, of a device that is far off …
constexpr double many_at_once = 16;  // … or so many transfers
constexpr double unknown_cost = 1;   // forward steps

bool is_off_by(double factor, double one, double other) {
  return one > other * factor || other > one * factor;
}

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

// One look that is off may be an accident; that devices vary is none. What goes on being off is another cost. Steps,
// turns and copies share the processors, and a machine that is busy for a moment slows them all: their ratios, which
// plans are made for, would jump if each followed its own last looks.
void Costs::Estimate::learn(const Observed::Sum& before, const Observed::Sum& now, Of of) {
  const double count = now.count - before.count;
  if (count <= 0) return;
  const double mean = (now.time - before.time) / count;
  const bool first = samples == 0;
  const double known = std::min(samples, memory);
  samples += count;
  if (first) {
    time = mean;
    return;
  }
  const bool is_off = is_off_by(off, mean, *time);
  if (!is_off_by(far_off, mean, *time)) *time += (mean - *time) * count / (count + known);
  if (!is_off || (other.count > 0 && (other.mean() > *time) != (mean > *time))) other = {};
  if (!is_off) return;
  other.time += mean * count;
  other.count += count;
  ++other.looks;
  const bool is_far_off = is_off_by(far_off, other.mean(), *time);
  const bool soon = other.count >= memory || (of == Of::device && (other.looks >= few || other.count >= many_at_once));
  if (other.looks < many && !(is_far_off && soon)) return;
  if (of == Of::operators && !is_far_off) {  // the mean follows
    other = {};
    return;
  }
  samples = other.count;
  time = other.mean();
  other = {};
}

// Its time so far is the least that it will take. When it has ended, learn() sees it as if it had not been looked at.
void Costs::Estimate::watch(const std::optional<double>& under_way) {
  late.reset();
  if (!under_way || samples == 0 || other.count == 0) return;
  const double too_long = *time * far_off;
  if (other.mean() > too_long && *under_way > too_long) late = std::max(other.mean(), *under_way);
}

void Costs::see(const Observed& sums) {
  step_.learn(seen_.advances, sums.advances, Of::operators);
  turn_.learn(seen_.turns, sums.turns, Of::operators);
  copy_.learn(seen_.copies, sums.copies, Of::operators);
  for (std::size_t k = 0; k < levels_.size(); ++k) {
    levels_[k].save.learn(seen_.levels[k].saves, sums.levels[k].saves, Of::device);
    levels_[k].load.learn(seen_.levels[k].loads, sums.levels[k].loads, Of::device);
    levels_[k].save.watch(sums.levels[k].save_under_way);
    levels_[k].load.watch(sums.levels[k].load_under_way);
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

// What was given counts until steps and transfers are measured or, the steps being measured, at least probed.
double Costs::in_steps(const Estimate& transfer, const std::optional<double>& given, double slowness) const {
  const bool timed = transfer.time && step_.time && *step_.time > 0;
  if (given && !(timed && step_.samples > 0)) return *given;
  if (!timed) return unknown_cost;
  const double time = transfer.samples > 0 ? *transfer.believed() : *transfer.time * slowness;
  return std::min((time + copy_.time.value_or(0)) / *step_.time, Problem::most_cost);
}

Problem Costs::priced(Problem problem) const {
  const double step = step_.time.value_or(0);
  const double copy = step > 0 && copy_.time ? std::min(*copy_.time / step, Problem::most_cost) : 0;
  problem.levels[0].save_cost = problem.levels[0].load_cost = copy;
  for (std::size_t k = 1; k < problem.levels.size(); ++k) {
    const auto& [save, load, save_price, load_price] = levels_[k];
    const bool compares = save.samples > 0 && save.guess && *save.guess > 0;  // a device that is slow is so both ways
    problem.levels[k].save_cost = in_steps(save, save_price, 1);
    problem.levels[k].load_cost = in_steps(load, load_price, compares ? *save.believed() / *save.guess : 1);
  }
  const bool timed = turn_.time && step > 0;
  problem.turn_cost = timed ? std::min(*turn_.time / step, Problem::most_cost) : turn_price_.value_or(1);
  return problem;
}

}  // namespace cairn
