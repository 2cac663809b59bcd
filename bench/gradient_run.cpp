// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/kept.hpp>
#include <cairn/core/reversal.hpp>

#include <filesystem>
#include <system_error>

#include <gradient_run.hpp>

namespace cairn::bench {
namespace {

class ReversalRun final : public GradientRun {
 public:
  ReversalRun(AcousticGradient& gradient, const Config& config, bool keeps)
      : config_{config}, steps_{gradient.steps()}, run_{config, gradient.state(), gradient.operators()} {
    if (keeps) gradient.keep_in(run_);
  }
  ~ReversalRun() override {
    std::error_code ignored;
    for (const TierConfig& tier : config_.tiers) {
      if (tier.path.empty()) continue;
      std::filesystem::remove(tier.path, ignored);
      std::filesystem::remove(Kept::path_for(tier.path), ignored);
    }
  }
  Report sweep() override { return run_.sweep(steps_); }

 private:
  Config config_;
  Step steps_;
  Reversal run_;
};

}  // namespace

std::unique_ptr<GradientRun> reversal_run(AcousticGradient& gradient, const Config& config, bool keeps) {
  return std::make_unique<ReversalRun>(gradient, config, keeps);
}

}  // namespace cairn::bench
