// SPDX-License-Identifier: BSD-3-Clause
// What an action costs in either executor where operators do nothing and the state is tiny, beside a loop over the same
// schedule that someone wrote by hand.
#include <cairn/core/async_executor.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/core/sequential_executor.hpp>
#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/schedulers/replay.hpp>

#include <array>
#include <cstring>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <instant_tier.hpp>
#include <micro.hpp>
#include <settings.hpp>

namespace cairn::bench {
namespace {

using Values = std::array<double, 8>;

/// A plan of n+1 steps for a run of n, on RAM alone or with a second level.
struct Plan {
  ScheduleKind kind;
  Step steps;                ///< n
  std::vector<Slots> slots;  ///< by level

  std::unique_ptr<Schedule> schedule() const {
    Problem problem{.steps = steps + 1};
    for (const Slots level : slots) problem.levels.push_back({.slots = level});
    return make_schedule(kind, problem);
  }
  std::uint64_t actions() const { return replay(*schedule(), steps + 1, slots).actions.value(); }
  bool slow_level() const { return slots.size() > 1; }
};

/// The tiny state and the operators that do nothing with it.
struct Simulation {
  Values values{};
  State state;
  Operators operators{.advance = [](Steps) {}, .reverse = [](Steps) {}};
  Simulation() { state.add("values", values); }
};

/// By hand: the snapshots of each level lie on a stack, as in plans of binomial kind.
class HandLoop {
 public:
  explicit HandLoop(Plan plan) : plan_{std::move(plan)}, stacks_(plan_.slots.size()) {}

  void run() {
    const std::unique_ptr<Schedule> schedule = plan_.schedule();
    for (auto& stack : stacks_) stack.clear();
    while (const std::optional<Action> action = schedule->next())
      std::visit([this](const auto& what) { on(what); }, *action);
  }

 private:
  struct Kept {
    Step step;
    Values values;
  };
  std::vector<Kept>& stack(Level level) { return stacks_[static_cast<std::size_t>(level.rank)]; }
  void on(const Advance& advance) { simulation_.operators.advance(advance.steps); }
  void on(const Takeshot& takeshot) { stack(takeshot.level).push_back({takeshot.step, simulation_.values}); }
  void on(const Restore& restore) {
    for (const Kept& kept : stack(restore.level))
      if (kept.step == restore.step) simulation_.values = kept.values;
  }
  void on(const Move&) {}
  void on(const Discard& discard) {
    std::erase_if(stack(discard.level), [&](const Kept& kept) { return kept.step == discard.step; });
  }
  void on(const Turn& turn) { simulation_.operators.reverse({turn.step, turn.step + 1}); }

  Plan plan_;
  Simulation simulation_;
  std::vector<std::vector<Kept>> stacks_;
};

/// An executor of core, without what Reversal adds: a RAM tier and, where the plan has one, an instant tier.
template <class AnyExecutor>
class Bare {
 public:
  explicit Bare(Plan plan)
      : plan_{std::move(plan)},
        layout_{simulation_.state.fields()},
        tiers_{tiers_for(plan_, layout_)},
        executor_{
            {.state = simulation_.state, .layout = layout_, .operators = simulation_.operators, .tiers = tiers_}} {}

  void run() {
    executor_.begin(plan_.steps, plan_.schedule());
    executor_.forward();
    executor_.reverse();
  }

 private:
  static TierSet tiers_for(const Plan& plan, const Layout& layout) {
    auto pool = std::make_unique<Pool>(plan.slots[0] + (plan.slow_level() ? 1 : 0), layout.buffer_bytes());
    std::vector<std::unique_ptr<Tier>> tiers;
    tiers.push_back(std::make_unique<RamTier>(layout, plan.slots[0], *pool));
    if (plan.slow_level()) tiers.push_back(std::make_unique<InstantTier>(layout, plan.slots[1]));
    return TierSet{std::move(pool), std::move(tiers)};
  }
  Plan plan_;
  Simulation simulation_;
  Layout layout_;
  TierSet tiers_;
  AnyExecutor executor_;
};

/// What users have.
class Whole {
 public:
  Whole(const Plan& plan, ExecutorKind executor, const std::filesystem::path& folder)
      : steps_{plan.steps}, run_{config(plan, executor, folder), simulation_.state, simulation_.operators} {}
  void run() { run_.sweep(steps_); }

 private:
  static Config config(const Plan& plan, ExecutorKind executor, const std::filesystem::path& folder) {
    Config config;
    config.overwrite = true;  // what a measurement that was cut short has left
    config.schedule = plan.kind;
    config.executor = executor;
    config.tiers.push_back(
        {.kind = TierKind::ram, .capacity = Capacity::of_slots(plan.slots[0] + (plan.slow_level() ? 1 : 0))});
    if (plan.slow_level())
      config.tiers.push_back({.kind = TierKind::hdf5,
                              .path = (folder / fmt::format("{}.h5", name_of(executor))).string(),
                              .capacity = Capacity::of_slots(plan.slots[1])});
    return config;
  }
  Simulation simulation_;
  Step steps_;
  Reversal run_;
};

void measure(const Settings& settings, Table& table, const std::string& group, const Plan& plan) {
  if (!settings.wants(group)) return;
  HandLoop hand{plan};
  Bare<SequentialExecutor> sequential{plan};
  Bare<AsyncExecutor> asynchronous{plan};
  Whole whole_sequential{plan, ExecutorKind::sequential, settings.folder};
  Whole whole_asynchronous{plan, ExecutorKind::asynchronous, settings.folder};
  const std::uint64_t actions = plan.actions();
  const std::string slow = plan.slow_level() ? ", level 1 an instant tier" : "";
  const std::string file = plan.slow_level() ? ", level 1 an hdf5 tier" : "";
  const std::vector<MicroWay> ways{{"loop by hand, all in memory", [&] { hand.run(); }, actions},
                                   {"SequentialExecutor" + slow, [&] { sequential.run(); }, actions},
                                   {"AsyncExecutor" + slow, [&] { asynchronous.run(); }, actions},
                                   {"Reversal, sequential" + file, [&] { whole_sequential.run(); }, actions},
                                   {"Reversal, asynchronous" + file, [&] { whole_asynchronous.run(); }, actions}};
  const std::vector<Rounds> measured = measure_micro(ways, settings.rounds, settings.quick ? 0.001 : 0.1);
  for (std::size_t i = 1; i < ways.size(); ++i)
    table.add({.group = group,
               .ours = {.name = ways[i].name, .value = median_seconds(measured[i]) * 1e9},
               .baseline = {.name = ways[0].name, .value = median_seconds(measured[0]) * 1e9},
               .unit = "ns/action",
               .ratio = speed_ratio(measured[i], measured[0])});
}

}  // namespace

void measure_executors(const Settings& settings, Table& table) {
  const Step many = settings.quick ? 200 : 100'000;
  const Step few = settings.quick ? 100 : 2'000;
  measure(settings, table, fmt::format("executors, revolve, {} steps, 10 slots", many),
          {.kind = ScheduleKind::revolve, .steps = many, .slots = {10}});
  measure(settings, table, fmt::format("executors, multistage, {} steps, 8 + 50 slots", few),
          {.kind = ScheduleKind::multistage, .steps = few, .slots = {8, 50}});
}

}  // namespace cairn::bench
