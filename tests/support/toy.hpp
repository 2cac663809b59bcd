// SPDX-License-Identifier: BSD-3-Clause
/// A small simulation with everything that makes going back hard: arrays that rotate with the step, a scalar that
/// selects a buffer, a time step that is clipped at the end, and much outside the State that is poisoned at every
/// chance.
#pragma once

#include <cairn/core/reversal.hpp>
#include <cairn/core/state.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {

/// x_t = (u[t % 3], u[(t + 2) % 3], time, selected, slot[selected]).
class Toy {
 public:
  static constexpr std::size_t large = 2100;  // points: 16,800 bytes, a large field
  static constexpr std::size_t small = 60;

  explicit Toy(double parameter = 1.0, std::size_t points = large, double end = 1e9)
      : points_{points}, parameter_{parameter}, end_{end} {
    set_start();
  }

  /// The live state becomes x_0 of this parameter.
  void set_start() {
    poison();
    for (std::size_t i = 0; i < points_; ++i) {
      u_[0][i] = std::sin(0.1 * static_cast<double>(i) * parameter_);
      u_[2][i] = std::cos(0.1 * static_cast<double>(i));
    }
    time_ = 0;
    selected_ = 1;
    slot_[1].fill(3.5);
  }

  State state() {
    State state;
    state.add("pressure", [this](Step t) { return std::span(u_[static_cast<std::size_t>(t % 3)]); }, {30, points_ / 30},
              {.axes = {"z", "x"}, .units = "Pa"});
    state.add("previous", [this](Step t) { return std::span(u_[static_cast<std::size_t>((t + 2) % 3)]); },
              {30, points_ / 30}, {.axes = {"z", "x"}});
    state.add("time", time_, {.units = "s"});
    state.add("slot", [this](Step) { return std::span(slot_[static_cast<std::size_t>(selected_ & 1)]); });
    state.add("selected", selected_);
    return state;
  }

  void advance(Steps steps) {
    for (const Step t : steps) step(t);
    ++calls_;
  }

  /// A hash of all bits of the live state, taken as x_t.
  std::uint64_t digest(Step t) const {
    std::uint64_t hash = 1469598103934665603U;
    const auto add = [&hash](std::span<const std::byte> bytes) {
      for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + i, 8);
        hash = (hash ^ word) * 1099511628211U;
        hash ^= hash >> 29;
      }
    };
    add(std::as_bytes(std::span(u_[static_cast<std::size_t>(t % 3)])));
    add(std::as_bytes(std::span(u_[static_cast<std::size_t>((t + 2) % 3)])));
    add(std::as_bytes(std::span(&time_, 1)));
    add(std::as_bytes(std::span(slot_[static_cast<std::size_t>(selected_ & 1)])));
    return hash ^ static_cast<std::uint64_t>(selected_);
  }

  /// Ruins everything, State included.
  void poison() {
    for (auto& u : u_) u.assign(points_, std::numeric_limits<double>::quiet_NaN());
    time_ = -1e300;
    selected_ = 0x7ffffff0;
    for (auto& slot : slot_) slot.fill(std::numeric_limits<double>::quiet_NaN());
  }
  /// Ruins what does not belong to x_t.
  void poison_outside(Step t) {
    u_[static_cast<std::size_t>((t + 1) % 3)].assign(points_, -7.0);
    slot_[static_cast<std::size_t>((selected_ + 1) & 1)].fill(-9.0);
  }
  int calls() const { return calls_; }
  double time() const { return time_; }

  /// Digests of x_0 … x_n, by keeping all of them: the oracle.
  static std::vector<std::uint64_t> trajectory(Step n, double parameter = 1.0, std::size_t points = large,
                                               double end = 1e9) {
    Toy toy{parameter, points, end};
    std::vector<std::uint64_t> digests{toy.digest(0)};
    for (Step t = 0; t < n; ++t) {
      toy.advance({t, t + 1});
      digests.push_back(toy.digest(t + 1));
    }
    return digests;
  }

 private:
  void step(Step t) {
    const auto& now = u_[static_cast<std::size_t>(t % 3)];
    const auto& before = u_[static_cast<std::size_t>((t + 2) % 3)];
    poison_outside(t);
    auto& next = u_[static_cast<std::size_t>((t + 1) % 3)];
    const double dt = std::min(0.1, end_ - time_);
    auto& from = slot_[static_cast<std::size_t>(selected_ & 1)];
    selected_ = t % 5 == 2 ? 1 - (selected_ & 1) : selected_ & 1;
    const auto kept = from;
    slot_[static_cast<std::size_t>(selected_)] = kept;
    for (double& value : slot_[static_cast<std::size_t>(selected_)]) value = value * 0.999 + dt;
    for (std::size_t i = 0; i < points_; ++i) {
      const double left = now[i == 0 ? points_ - 1 : i - 1];
      next[i] = 0.999 * now[i] + dt * (left - before[i]) * 0.01 * parameter_ + 1e-6 * kept[i % kept.size()];
    }
    time_ += dt;
  }

  std::size_t points_;
  double parameter_;
  double end_;
  std::array<std::vector<double>, 3> u_;
  double time_ = 0;
  int selected_ = 0;
  std::array<std::array<double, 7>, 2> slot_{};
  int calls_ = 0;
};

/// Operators on a Toy that check the contract at every call against the digests of a stored trajectory.
class Checked {
 public:
  Checked(Toy& toy, Step n) : toy_{&toy}, expected_{Toy::trajectory(n)}, next_turn_{n - 1} {}
  Checked(Toy& toy, std::vector<std::uint64_t> expected)
      : toy_{&toy}, expected_{std::move(expected)}, next_turn_{static_cast<Step>(expected_.size()) - 2} {}

  Operators operators() {
    return {.advance =
                [this](Steps steps) {
                  EXPECT_EQ(steps.again, steps.first < reached_) << steps.first << " … " << steps.last;
                  EXPECT_LT(steps.first, steps.last);
                  expect_live(steps.first);
                  toy_->advance(steps);
                  reached_ = std::max(reached_, steps.last);
                  advanced_ += steps.size();
                  expect_live(steps.last);
                },
            .reverse =
                [this](Steps step) {
                  EXPECT_EQ(step.size(), 1);
                  EXPECT_EQ(step.first, next_turn_--);
                  expect_live(step.first);
                  toy_->poison();
                }};
  }
  /// A new sweep is to follow.
  void expect_again(std::vector<std::uint64_t> expected) {
    expected_ = std::move(expected);
    next_turn_ = static_cast<Step>(expected_.size()) - 2;
    reached_ = 0;
    advanced_ = 0;
  }
  void expect_live(Step t) const {
    EXPECT_EQ(toy_->digest(t), expected_.at(static_cast<std::size_t>(t))) << "x_" << t << " is not live";
  }
  bool all_turned() const { return next_turn_ == -1; }
  Step advanced() const { return advanced_; }

 private:
  Toy* toy_;
  std::vector<std::uint64_t> expected_;
  Step next_turn_;
  Step reached_ = 0;
  Step advanced_ = 0;
};

/// The loop of forward_while() for n steps: whenever it is asked, the next state must be live.
class Loop {
 public:
  Loop(const Checked& checked, Step n) : checked_{&checked}, n_{n} {}
  bool more() {
    checked_->expect_live(asked_);
    return asked_++ < n_;
  }
  Step asked() const { return asked_; }  ///< How often.

 private:
  const Checked* checked_;
  Step n_;
  Step asked_ = 0;
};

}  // namespace cairn::test
