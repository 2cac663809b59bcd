// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/reversal.hpp>

#include <filesystem>
#include <system_error>

#include <gradient_run.hpp>

namespace cairn::bench {
namespace {

class ReversalRun final : public GradientRun {
 public:
  ReversalRun(AcousticGradient& gradient, const Config& config)
      : config_{config}, steps_{gradient.steps()}, run_{config, gradient.state(), gradient.operators()} {}
  ~ReversalRun() override {
    std::error_code ignored;
    for (const TierConfig& tier : config_.tiers)
      if (!tier.path.empty()) std::filesystem::remove(tier.path, ignored);
  }
  Report sweep() override { return run_.sweep(steps_); }

 private:
  Config config_;
  Step steps_;
  Reversal run_;
};

}  // namespace

std::unique_ptr<GradientRun> reversal_run(AcousticGradient& gradient, const Config& config) {
  return std::make_unique<ReversalRun>(gradient, config);
}

}  // namespace cairn::bench
