// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/async_executor.hpp>
#include <cairn/core/run_makespan.hpp>
#include <cairn/core/run_report.hpp>
#include <cairn/core/tier_set.hpp>
#include <cairn/schedulers/overlap.hpp>

#include <utility>
#include <vector>

#include <gradient_run.hpp>
#include <plain_hdf5_tier.hpp>

namespace cairn::bench {
namespace {

/// What a Reversal does for one sweep, over tiers that no configuration can name.
class PlainHdf5Run final : public GradientRun {
 public:
  PlainHdf5Run(AcousticGradient& gradient, const Config& config)
      : config_{config},
        steps_{gradient.steps()},
        state_{gradient.state()},
        operators_{gradient.operators()},
        layout_{state_.fields()},
        provision_{provide(config_, layout_.buffer_bytes())},
        tiers_{tiers_for(layout_, provision_, config_.tiers.at(1).path)},
        executor_{{.state = state_, .layout = layout_, .operators = operators_, .tiers = tiers_}} {}

  Report sweep() override {
    Problem problem = problem_of(config_, provision_, steps_ + 1);
    problem.gauge = [this](Level level) { return executor_.saves_under_way(level); };
    executor_.begin(steps_, plan(problem));
    executor_.record(actions_to_record(parts()));
    executor_.forward();
    executor_.forget_live();
    executor_.meter().begin(Meter::Doing::other);
    operators_.seed();
    executor_.reverse();
    Report report = report_of(parts());
    report.makespan = makespan_of(parts(), report, problem);
    return report;
  }
  void rest() override { dynamic_cast<PlainHdf5Tier&>(tiers_.at(Level{1})).rest(); }

 private:
  static TierSet tiers_for(const Layout& layout, const Provision& provision, const std::string& path) {
    auto pool = std::make_unique<Pool>(provision.pool, layout.buffer_bytes());
    std::vector<std::unique_ptr<Tier>> tiers;
    tiers.push_back(std::make_unique<RamTier>(layout, provision.slots.at(0), *pool));
    tiers.push_back(std::make_unique<PlainHdf5Tier>(path, layout, provision.slots.at(1)));
    return TierSet{std::move(pool), std::move(tiers)};
  }
  std::unique_ptr<Schedule> plan(const Problem& problem) {
    choice_.kind = config_.schedule;
    if (choice_.kind != ScheduleKind::overlap) return make_schedule(choice_.kind, problem);
    const OverlapShape shape = overlap_shape(problem);
    const OverlapPlan plan = plan_overlap(shape);
    choice_.reason = plan.text();
    return make_overlap(shape, plan, problem.gauge);
  }
  RunParts parts() const {
    return {.config = config_,
            .choice = choice_,
            .layout = layout_,
            .provision = provision_,
            .tiers = tiers_,
            .executor = executor_,
            .steps = steps_};
  }

  Config config_;
  Step steps_;
  State state_;
  Operators operators_;
  Layout layout_;
  Provision provision_;
  TierSet tiers_;
  AsyncExecutor executor_;
  Choice choice_;
};

}  // namespace

std::unique_ptr<GradientRun> plain_hdf5_run(AcousticGradient& gradient, const Config& config) {
  return std::make_unique<PlainHdf5Run>(gradient, config);
}

}  // namespace cairn::bench
