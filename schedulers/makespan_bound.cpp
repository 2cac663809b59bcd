// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/binomial.hpp>
#include <cairn/schedulers/level_costs.hpp>
#include <cairn/schedulers/level_hulls.hpp>
#include <cairn/schedulers/level_table.hpp>
#include <cairn/schedulers/makespan_bound.hpp>
#include <cairn/schedulers/slow_devices.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cairn {
namespace {

void check_times(std::initializer_list<double> times) {
  for (const double time : times)
    if (!(std::isfinite(time) && time >= 0))
      throw std::invalid_argument{"a time is " + std::to_string(time) + "; give a number of forward steps, 0 or more"};
}

void check_slots(Slots slots) {
  if (slots < 0) throw std::invalid_argument{"slots is " + std::to_string(slots) + "; there must be 0 or more"};
}

void check(const OverlapProblem& problem) {
  if (problem.steps < 1 || problem.steps > limits::steps)
    throw std::invalid_argument{"steps is " + std::to_string(problem.steps) + "; give 1 to " +
                                std::to_string(limits::steps)};
  if (problem.buffers < 1)
    throw std::invalid_argument{"buffers is " + std::to_string(problem.buffers) + "; there must be at least 1"};
  check_slots(problem.slots);
  check_times({problem.save, problem.load, problem.turn_cost, problem.copy_out, problem.copy_in});
  for (const auto& level : problem.others) {
    check_slots(level.slots);
    check_times({level.save, level.load});
  }
}

/// The problem, as the arguments below take it.
struct Bounded {
  Step steps;
  Slots buffers;
  Slots slots;  // c, of all slow levels
  double turn_cost, copy_out, copy_in;
  SlowDevices devices;
};

Bounded bounded(const OverlapProblem& problem) {
  std::vector<SlowDevices::OneLevel> levels{{problem.save, problem.load, problem.slots, 0}};
  for (const auto& level : problem.others) levels.push_back({level.save, level.load, level.slots, level.device});
  SlowDevices devices{levels};
  return {.steps = problem.steps,
          .buffers = problem.buffers,
          .slots = devices.slots(),
          .turn_cost = problem.turn_cost,
          .copy_out = problem.copy_out,
          .copy_in = problem.copy_in,
          .devices = std::move(devices)};
}

double advances(Step steps, Slots slots) {
  return static_cast<double>(least_advances(std::max<Step>(steps, 1), slots).value());
}

// M·t(N/M, q), t between whole steps by a line.
double among(double steps, Slots slots, double snapshots) {
  const double length = steps / snapshots;
  if (length <= 1) return 0;
  const auto whole = static_cast<Step>(length);
  const double below = advances(whole, slots);
  return snapshots * (below + (length - static_cast<double>(whole)) * (advances(whole + 1, slots) - below));
}

double times(double seconds, double each) {
  return each > 0 ? seconds / each : std::numeric_limits<double>::infinity();
}

/// Prices on saves and loads, H-Revolve's least cost at them, and what the devices can earn at most in the two parts of
/// the run: no plan has fewer advances than cost − first·T1 − second·T2.
struct Prices {
  SlowDevices::Worth worth{0, 0};
  double cost = 0;
};

constexpr Count most_table_work{1'000'000};  // a millisecond
constexpr Slots most_slots = 100;            // of the slow level that are counted: hulls for each take time
constexpr Step most_steps_of_many_slots = 20'000, most_steps_of_few = 10'000'000;  // a fifth of a second
constexpr double lowest_octave = -9, highest_octave = 3, octaves_apart = 0.05;     // of prices

// H-Revolve's least cost, or a little less; 0 where it is not known.
double least_cost(const Bounded& problem, double save, double load) {
  const Slots slow = problem.slots > most_slots ? LevelCosts::unlimited : problem.slots;
  LevelCosts costs =
      priced({.steps = problem.steps,
              .levels = {{.slots = problem.buffers}, {.slots = slow, .save_cost = save, .load_cost = load}}});
  LevelCosts::One& last = costs.levels.back();
  last.save = std::min(last.save, static_cast<Cost>(std::min(save * costs.units, 0x1p62)));  // not rounded up
  last.load = std::min(last.load, static_cast<Cost>(std::min(load * costs.units, 0x1p62)));
  std::shared_ptr<const LevelPlan> plan;
  if (LevelTable::work(costs, problem.steps) <= most_table_work && problem.steps <= LevelTable::most_steps)
    plan = std::make_shared<const LevelTable>(costs, problem.steps);
  else
    plan = LevelHulls::make(costs, problem.steps);
  return plan ? static_cast<double>(whole_cost(*plan, problem.steps)) / costs.units : 0;
}

// Advances beyond the first sweep's.
double again(const Bounded& problem, const Prices& prices, double first, double second) {
  const auto sweep = static_cast<double>(problem.steps) - 1;
  return prices.cost - sweep - prices.worth.first * first - prices.worth.second * second;
}

// a of the whole run's time is the price of a save, `price` = a + b of the second part's that of a load.
Prices priced_at(const Bounded& problem, double price, double share) {
  const double save = share * price * problem.devices.save(), load = price * problem.devices.load();
  return {.worth = problem.devices.worth(save, load), .cost = least_cost(problem, save, load)};
}

// The prices that ask for the longest second part, about: (n·ub + cost − (1 + first)(n−1)) / (1 + second). The cost
// is concave in the prices, so that there is one peak along each share: golden section over the octaves of the price.
Prices best_prices(const Bounded& problem) {
  const Step most = problem.slots > most_slots ? most_steps_of_many_slots : most_steps_of_few;
  if (problem.slots < 1 || problem.steps < 2 || problem.steps > most) return {};
  const double sweep = static_cast<double>(problem.steps) - 1;
  const double turns = static_cast<double>(problem.steps) * problem.turn_cost;
  Prices best;
  double longest = 0;
  const auto second_part = [&](double octave, double share) {
    const Prices prices = priced_at(problem, std::exp2(octave), share);
    const double second = (turns + prices.cost - (1 + prices.worth.first) * sweep) / (1 + prices.worth.second);
    if (second > longest) longest = second, best = prices;
    return second;
  };
  constexpr double golden = 0.6180339887498949;
  for (const double share : {1.0, 0.5, 0.0}) {
    double low = lowest_octave, high = highest_octave;
    double left = second_part(high - golden * (high - low), share);
    double right = second_part(low + golden * (high - low), share);
    while (high - low > octaves_apart) {
      if (left > right) {
        high = low + golden * (high - low);
        right = left;
        left = second_part(high - golden * (high - low), share);
      } else {
        low = high - golden * (high - low);
        left = right;
        right = second_part(low + golden * (high - low), share);
      }
    }
  }
  return best;
}

struct Again {
  double proved;
  double steps;
  std::string_view reason;
};

// rec: the first sweep takes `first` forward steps, the rest `second`.
Again least_again(const Bounded& problem, const Prices& prices, double first, double second) {
  const auto n = static_cast<double>(problem.steps);
  const auto s = static_cast<double>(problem.buffers);
  const double reads = times(second, problem.devices.load());
  Again most{0, 0, "nothing"};
  const auto raise = [&most](double steps, std::string_view reason, bool proved) {
    if (proved) most.proved = std::max(most.proved, steps);
    if (steps > most.steps) most.steps = steps, most.reason = reason;
  };
  raise(n - 1 - s - problem.devices.kept(first, second), "buffers", true);
  if (problem.slots < problem.steps)
    raise(advances(problem.steps, problem.buffers + problem.slots) - (n - 1), "slots", true);
  if (std::isfinite(reads)) raise(among(n - 1, problem.buffers, s + reads), "reads", false);
  if (const double writes = times(first + second, problem.devices.save()); std::isfinite(writes))
    raise(among(n - 1, problem.buffers + 1, s + writes), "writes", false);
  raise(again(problem, prices, first, second), "prices", false);
  return most;
}

// The least T2 with T2 ≥ needed(T2), which falls.
template <typename Needed>
double least(double start, Needed needed) {
  double below = start;
  double above = std::max(start, 1.0);
  while (needed(above) > above) above *= 2;
  for (int i = 0; i < 100 && above - below > 1e-9 * above; ++i) {
    const double middle = below + (above - below) / 2;
    (needed(middle) > middle ? below : above) = middle;
  }
  return below;
}

// The most states that the first sweep can leave behind for the rest, which takes `second`: the greatest F that is met
// in a first sweep of n − 1 steps and F copies, from above.
double most_left_behind(const Bounded& problem, double second) {
  constexpr int rounds = 60;
  const auto n = static_cast<double>(problem.steps);
  const auto s = static_cast<double>(problem.buffers);
  const double copy = std::min(problem.copy_out, 1.0);
  double left = n - 1;
  for (int i = 0; i < rounds; ++i) {
    const double fewer = std::min(left, s + problem.devices.kept(n - 1 + copy * left, second));
    if (fewer >= left) break;
    left = fewer;
  }
  return left;
}

// F states are left behind by the first sweep, each by a copy; the others, G, are run again. Of these, one that is
// never stored and run again only once is turned in the pass that made it, so that the state behind it was not made
// from it: that one is of the F, or x_{n−1}. All other G take a copy or a second step.
double least_with_copies(const Bounded& problem) {
  const double first = static_cast<double>(problem.steps) - 1;
  const double copy = std::min(problem.copy_out, 1.0);
  const double turns = static_cast<double>(problem.steps) * problem.turn_cost;
  const auto rest = [&](double time) {
    const double left = most_left_behind(problem, time);
    return turns + first * problem.copy_in + (first - left) + std::max(0.0, first - 1 - 2 * left) * copy;
  };
  const double second = least(turns, rest);
  return first + most_left_behind(problem, second) * copy + second;
}

}  // namespace

MakespanBound makespan_bound(const OverlapProblem& given) {
  check(given);
  const Bounded problem = bounded(given);
  const double first = static_cast<double>(problem.steps) - 1;
  const double turns = static_cast<double>(problem.steps) * problem.turn_cost;
  const Prices prices = best_prices(problem);
  const auto again_in = [&](double sweep, double rest) { return least_again(problem, prices, sweep, rest); };
  const double second = least(turns, [&](double time) { return turns + again_in(first, time).steps; });
  const double proved = least(turns, [&](double time) { return turns + again_in(first, time).proved; });
  const double longer = first * (1 + problem.copy_out);  // the first sweep, each state copied
  const double copied = least(turns, [&](double time) {
    const double steps = again_in(longer, time).steps;
    return turns + steps + first * problem.copy_in + std::max(0.0, first - steps) * problem.copy_out;
  });
  return {.makespan = first + second,
          .with_copies = std::max(first + copied, least_with_copies(problem)),
          .proved = first + proved,
          .reason = again_in(first, second).reason};
}

}  // namespace cairn
