// SPDX-License-Identifier: BSD-3-Clause
/// Which schedule a sweep gets, and by which costs.
#pragma once

#include <cairn/core/config.hpp>
#include <cairn/core/executor.hpp>
#include <cairn/core/tier_set.hpp>
#include <cairn/schedulers/adaptive.hpp>
#include <cairn/schedulers/choose.hpp>
#include <cairn/schedulers/costs.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace cairn {

/// Plans the sweeps of one Reversal, and keeps what they teach about costs. Costs that the configuration leaves open
/// and the schedule needs are measured: storage is probed at construction, steps in the first sweep (adaptive.hpp).
class Planning {
 public:
  /// All must outlive it. Probes the tiers where that is needed: one buffer of memory is touched, each probed file
  /// written once. Throws StorageError where that fails.
  Planning(const Config& config, const Provision& provision, TierSet& tiers, Executor& executor);

  /// The schedule for n steps and the seed's turn, or for as many as will come; valid until the next call. Throws
  /// std::invalid_argument where none can be made.
  std::unique_ptr<Schedule> plan(std::optional<Step> n);
  /// The same for the rest of a sweep over n steps: of all that lies beyond x_live, where the first sweep goes on, or
  /// of the turns of steps to_turn−1 … 0. In the first sweep to_turn is n+1. Nothing is to be saved on levels that are
  /// `retired`, if any are given.
  std::unique_ptr<Schedule> plan_rest(Step n, const Standing& standing, const std::vector<bool>& retired = {});
  /// The same for a loop of unknown length that goes on at x_live.
  std::unique_ptr<Schedule> plan_loop(const Standing& standing);
  /// Whoever goes on planning while that schedule runs; nullptr: nobody.
  Planner* planner() { return adaptive_ ? &*adaptive_ : nullptr; }
  const Choice& choice() const { return adaptive_ ? adaptive_->choice() : choice_; }
  int plans() const { return adaptive_ ? adaptive_->plans() : 1; }
  /// The problem of n+1 steps at the costs that the configuration gives, those of storage and of devices included.
  Problem problem(Step n) const;
  /// Learns from the sweep that is over.
  void sweep_ends();

 private:
  bool watches(bool knows_n) const;
  void adapt(const Problem& problem);
  std::unique_ptr<Schedule> plan_without(const std::vector<bool>& retired, Problem problem, const Standing& standing);
  bool is_open() const;
  bool measures() const;
  void probe();

  const Config& config_;
  const Provision& provision_;
  TierSet& tiers_;
  Executor& executor_;
  Costs costs_;
  Choice choice_;
  std::optional<Adaptive> adaptive_;
};

}  // namespace cairn
