// SPDX-License-Identifier: BSD-3-Clause
/// The gradient of a while loop whose length nobody knows: foxes and rabbits (Lotka-Volterra) with error-controlled
/// steps. How do the rabbits at the end depend on the four rates and on the two populations at the start?
///
/// The adjoint is the discrete one of the steps that were accepted, their sizes taken as constants: how the size itself
/// depends on the rates is left out. It is therefore checked, bit by bit, against the same adjoint with every state
/// kept; difference quotients of the whole loop, step control included, agree as far as the tolerance lets them.
#include <cairn/cairn.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include <stdlib.h>  // mkdtemp

namespace {

using Pair = std::array<double, 2>;   // rabbits, foxes
using Rates = std::array<double, 4>;  // births, catches of rabbits; growth by catches, deaths of foxes

constexpr double t_end = 40;
constexpr double tolerance = 1e-8;  // of one step, relative to the populations

/// x_t: all that the loop carries from one step to the next.
struct Herd {
  Pair alive{10, 5};
  double time = 0;
  double dt = 1e-3;  // to try next
};

Pair plus(const Pair& y, double h, const Pair& k) {
  return {y[0] + h * k[0], y[1] + h * k[1]};
}

Pair slope(const Pair& y, const Rates& p) {
  return {p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1]};
}

/// How the final rabbits change with each thing that they depend on.
struct Gradient {
  Pair start{};
  Rates rates{};
};

/// The transpose of the slope's derivative by y, times `k`; that by the rates is added to `rates`.
Pair slope_back(const Pair& y, const Rates& p, const Pair& k, Rates& rates) {
  rates[0] += y[0] * k[0];
  rates[1] -= y[0] * y[1] * k[0];
  rates[2] += y[0] * y[1] * k[1];
  rates[3] -= y[1] * k[1];
  return {(p[0] - p[1] * y[1]) * k[0] + p[2] * y[1] * k[1], -p[1] * y[0] * k[0] + (p[2] * y[0] - p[3]) * k[1]};
}

/// The stages of one accepted step of Bogacki and Shampine's pair of order 3(2).
struct Stages {
  double h;
  Pair second, third;  // where the slopes k2 and k3 are taken; k1's is the start
  Pair next;
  double error;  // relative to the tolerance: accepted up to 1
};

Stages attempt(const Pair& y, double h, const Rates& p) {
  Stages s{.h = h, .second = {}, .third = {}, .next = {}, .error = 0};
  const Pair k1 = slope(y, p);
  s.second = plus(y, h / 2, k1);
  const Pair k2 = slope(s.second, p);
  s.third = plus(y, h * 3 / 4, k2);
  const Pair k3 = slope(s.third, p);
  s.next = plus(plus(plus(y, h * 2 / 9, k1), h / 3, k2), h * 4 / 9, k3);
  const Pair k4 = slope(s.next, p);
  for (std::size_t i = 0; i < 2; ++i) {
    const double error = h * (-5. / 72 * k1[i] + 1. / 12 * k2[i] + 1. / 9 * k3[i] - 1. / 8 * k4[i]);
    s.error = std::max(s.error, std::abs(error) / (tolerance * std::max(1.0, std::abs(y[i]))));
  }
  return s;
}

/// Tries smaller steps until one is accepted. The last is clipped at t_end.
Stages accepted(const Herd& x, const Rates& p) {
  for (double h = std::min(x.dt, t_end - x.time);; h /= 2)
    if (const Stages s = attempt(x.alive, h, p); s.error <= 1) return s;
}

void step(Herd& x, const Rates& p) {
  const Stages s = accepted(x, p);
  x.alive = s.next;
  x.time = s.h < t_end - x.time ? x.time + s.h : t_end;
  x.dt = s.h * std::clamp(0.9 / std::cbrt(s.error), 0.2, 5.0);
}

/// The transpose of the step that leaves x; `sum.start` is the adjoint of its end before, of its start after.
void step_back(const Herd& x, const Rates& p, Gradient& sum) {
  const Stages s = accepted(x, p);
  const Pair end = sum.start, none{};
  const Pair third = slope_back(s.third, p, plus(none, s.h * 4 / 9, end), sum.rates);
  const Pair second = slope_back(s.second, p, plus(plus(none, s.h / 3, end), s.h * 3 / 4, third), sum.rates);
  const Pair first = slope_back(x.alive, p, plus(plus(none, s.h * 2 / 9, end), s.h / 2, second), sum.rates);
  sum.start = plus(plus(plus(end, 1, third), 1, second), 1, first);
}

double rabbits_at_the_end(Herd x, const Rates& p) {
  while (x.time < t_end) step(x, p);
  return x.alive[0];
}

/// The plain way, for as long as memory lasts: every state is kept.
Gradient gradient_by_keeping_all(Herd x, const Rates& p) {
  std::vector<Herd> states;
  for (; x.time < t_end; step(x, p)) states.push_back(x);
  Gradient gradient{.start = {1, 0}, .rates = {}};
  for (; !states.empty(); states.pop_back()) step_back(states.back(), p, gradient);
  return gradient;
}

/// An empty folder of our own, where the paths of the configuration lead; gone at the end.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "cairn_adaptive_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no folder can be made at " + name};
    folder_ = name;
    std::filesystem::current_path(folder_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::current_path(before_, ignored);
    std::filesystem::remove_all(folder_, ignored);
  }

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
  std::filesystem::path folder_;
};

constexpr const char* configuration = R"(
schedule: online            # for a loop whose length is not known; `auto` would choose it too
tiers:                      # fastest first; costs in forward steps, as a larger simulation would have them
  - {kind: ram,  capacity: 10 slots}
  - {kind: mmap, capacity: 20 slots, path: adaptive.map, save_cost: 2, load_cost: 2}
  - {kind: hdf5, capacity: 80 slots, path: adaptive.h5, save_cost: 5, load_cost: 5}
)";

Gradient gradient_by_cairn(Herd x, const Rates& p) {
  const Scratch scratch;
  Gradient gradient;
  cairn::State state;
  state.add("alive", std::span(x.alive)).add("time", x.time).add("dt", x.dt);
  cairn::Reversal run{cairn::Config::from_yaml(configuration),
                      state,
                      {.advance =
                           [&](cairn::Steps steps) {
                             for ([[maybe_unused]] auto t : steps) step(x, p);
                           },
                       .reverse = [&](cairn::Steps) { step_back(x, p, gradient); }}};
  run.forward_while([&] { return x.time < t_end; });
  gradient.start = {1, 0};  // the seed: what is asked for is the rabbits
  std::printf("%s", run.reverse().table().c_str());
  return gradient;
}

/// Prints a component beside the central difference quotient of the whole loop, and returns how far they are apart.
double compare(const char* name, double component, double& changed, const Herd& x, const Rates& p) {
  const double value = changed;
  const double change = 1e-4 * value;
  changed = value + change;
  const double more = rabbits_at_the_end(x, p);
  changed = value - change;
  const double less = rabbits_at_the_end(x, p);
  changed = value;
  const double quotient = (more - less) / (2 * change);
  std::printf("%-18s %16.8f  difference quotient %16.8f\n", name, component, quotient);
  return std::abs(component / quotient - 1);
}

}  // namespace

int main() {
  Herd start;
  Rates rates{1.1, 0.4, 0.1, 0.4};
  const Gradient gradient = gradient_by_cairn(start, rates);
  const Gradient kept = gradient_by_keeping_all(start, rates);
  const bool equal = gradient.start == kept.start && gradient.rates == kept.rates;

  double worst = 0;
  const char* names[] = {"births", "catches", "growth by catches", "deaths", "rabbits at start", "foxes at start"};
  for (std::size_t i = 0; i < 4; ++i)
    worst = std::max(worst, compare(names[i], gradient.rates[i], rates[i], start, rates));
  for (std::size_t i = 0; i < 2; ++i)
    worst = std::max(worst, compare(names[4 + i], gradient.start[i], start.alive[i], start, rates));
  std::printf("%s the gradient with every state kept; worst relative distance from the quotients %.1e\n",
              equal ? "bitwise equal to" : "DIFFERENT FROM", worst);
  return equal && worst < 1e-4 ? 0 : 1;
}
