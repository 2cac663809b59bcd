// SPDX-License-Identifier: BSD-3-Clause
/// What slow devices can do at most in a time: the counts that bounds on the makespan stand on.
#pragma once

#include <cairn/words.hpp>

#include <cstddef>
#include <vector>

namespace cairn {

/// Slow levels, by the devices that they lie on. A device does one job at a time, for whichever of its levels; devices
/// work side by side. Times in forward steps.
class SlowDevices {
 public:
  struct OneLevel {
    double save;         ///< W: to write one snapshot
    double load;         ///< R: to read one
    Slots slots;         ///< c
    std::size_t device;  ///< levels with the same number share it
  };
  /// Rates at which devices are busy with saves priced w and loads priced r: no plan has
  /// w·saves + r·loads > first·T1 + second·T2, for loads are of use in the second part only.
  struct Worth {
    double first;
    double second;
  };

  explicit SlowDevices(const std::vector<OneLevel>& levels);  ///< Levels without slots count for nothing.

  Slots slots() const { return slots_; }  ///< Of all levels; at most limits::steps.
  /// The least time per save: levels of one device take turns, so that the fastest of them says how many it can do;
  /// the rates of devices add up. 0 where there is none.
  double save() const { return save_; }
  double load() const { return load_; }  ///< likewise
  /// The most states that can be written in the first part, of `first`, and read back in the second: on each device
  /// Σ W_k·F_k ≤ first, Σ R_k·F_k ≤ second and F_k ≤ c_k over its levels, the two times taken one by one.
  double kept(double first, double second) const;
  /// For a save and a load on any of the levels.
  Worth worth(double save_price, double load_price) const;

 private:
  struct Places {
    double each;
    double slots;
  };
  struct Device {
    std::vector<Places> by_save;  // quickest first
    std::vector<Places> by_load;
  };
  static double filled(const std::vector<Places>& places, double time);

  std::vector<Device> devices_;
  Slots slots_ = 0;
  double save_ = 0;
  double load_ = 0;
};

}  // namespace cairn
