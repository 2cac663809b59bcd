// SPDX-License-Identifier: BSD-3-Clause
/// One configuration at work on the gradient, sweep after sweep.
#pragma once

#include <cairn/core/report.hpp>
#include <cairn/core/reversal.hpp>

#include <memory>

#include <acoustic_gradient.hpp>

namespace cairn::bench {

/// Makes its tiers once, as users do, and keeps them from sweep to sweep; its files are removed at its end.
class GradientRun {
 public:
  virtual ~GradientRun() = default;
  GradientRun(const GradientRun&) = delete;
  GradientRun& operator=(const GradientRun&) = delete;
  virtual Report sweep() = 0;  ///< After AcousticGradient::begin(). Planning is part of it.
  virtual void rest() {}       ///< What it would still do later, beside others, is done now.

 protected:
  GradientRun() = default;
};

/// By Reversal, as users do; `keeps` what a later process needs to go on.
std::unique_ptr<GradientRun> reversal_run(AcousticGradient& gradient, const Config& config, bool keeps = false);

/// By cairn's asynchronous executor over level 0 in RAM and level 1 in a file that the HDF5 library itself writes and
/// reads (plain_hdf5_tier.hpp), instead of the configuration's second tier, at whose path and with whose slots.
std::unique_ptr<GradientRun> plain_hdf5_run(AcousticGradient& gradient, const Config& config);

}  // namespace cairn::bench
