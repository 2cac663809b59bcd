// SPDX-License-Identifier: BSD-3-Clause
/// What a forward step, a turn, a copy and storage take: given, probed, measured while a run is under way.
#pragma once

#include <cairn/schedulers/planner.hpp>
#include <cairn/words.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace cairn {

/// The costs that plans are made for. A time is known by a guess until it is measured. Then it is the mean of what was
/// measured, of the last 512 or so where there are more; what is off by a factor of 3 is left out. A device that goes
/// on being off is another one from then on: by 25 % for 16 looks, by a factor of 3 for two, or for 16 transfers; so a
/// device that turns slow is noticed, and one that is not steady moves nothing. Operators and copies are another's only
/// where they are off by a factor of 3 for 16 looks. A transfer under way that has already lasted too long is such a
/// second look, and never a first. Kept from sweep to sweep.
class Costs {
 public:
  explicit Costs(std::size_t levels);

  // First guesses. Times in the unit of Observed, prices in forward steps.
  void guess_step(double time);
  void guess_turn(double price);
  void guess_transfers(Level level, std::optional<double> save_time, std::optional<double> load_time);
  void give_prices(Level level, std::optional<double> save, std::optional<double> load);  ///< copies included

  /// The sums go on from here: nothing of them is to be learned.
  void begin(const Observed& sums);
  /// Learns from what was done since the last call.
  void see(const Observed& sums);

  /// Is there a price, or a time and that of a step, of every save and load but level 0's?
  bool complete() const;
  /// Has a forward step been measured?
  bool knows_steps() const { return step_.samples > 0; }
  std::optional<double> step_time() const { return step_.time; }
  /// The problem at these costs: level 0 at that of a copy, the others copies included, a turn as one step where
  /// nothing is known of it. A level of which nothing is known costs a step.
  Problem priced(Problem problem) const;

 private:
  enum class Of { device, operators };
  /// The time of one thing.
  struct Estimate {
    std::optional<double> time;
    std::optional<double> guess;
    double samples = 0;  // measured; a guess is none
    struct {             // the last looks, all off in the same direction
      double time = 0, count = 0;
      int looks = 0;
      double mean() const { return time / count; }
    } other;
    std::optional<double> late;  // while a transfer under way says that they are no accident
    void learn(const Observed::Sum& before, const Observed::Sum& now, Of of);
    void watch(const std::optional<double>& under_way);
    std::optional<double> believed() const { return late ? late : time; }
  };
  struct PerLevel {
    Estimate save, load;
    std::optional<double> save_price, load_price;  // given
  };
  double in_steps(const Estimate& transfer, const std::optional<double>& given, double slowness) const;

  Estimate step_, turn_, copy_;
  std::optional<double> turn_price_;
  std::vector<PerLevel> levels_;
  Observed seen_;
};

}  // namespace cairn
