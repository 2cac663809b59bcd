// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/async_executor.hpp>
#include <cairn/core/rehearsal.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/core/run_identity.hpp>
#include <cairn/core/sequential_executor.hpp>
#include <cairn/storage/log.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace cairn {
namespace {

using CallState = Reversal::CallState;

std::string_view name_of(CallState state) {
  switch (state) {
    case CallState::ready: return "ready";
    case CallState::forwarded: return "forwarded";
    case CallState::away: return "away";
    case CallState::failed: return "failed";
  }
  return "damaged";
}

Config checked(Config config) {
  config.check();
  return config;
}

Operators checked(Operators operators) {
  if (!operators.advance) throw std::invalid_argument{"Operators::advance is empty; it takes x_first to x_last"};
  if (!operators.reverse) throw std::invalid_argument{"Operators::reverse is empty; it turns one step"};
  return operators;
}

}  // namespace

/// What a Reversal holds; it never moves in memory, for its parts refer to each other.
class Reversal::Run {
 public:
  Run(Config config, State state, Operators operators)
      : config_{checked(std::move(config))},
        state_{std::move(state)},
        operators_{checked(std::move(operators))},
        layout_{state_.fields()},
        provision_{provide(config_, layout_.buffer_bytes())},
        tiers_{config_, layout_, provision_},
        executor_{make_executor()} {
    log(spdlog::level::info, "a snapshot has {}; the pool has {} buffers of {}", readable(layout_.snapshot_bytes()),
        provision_.pool, readable(layout_.buffer_bytes()));
  }

  void forward(Step n);
  Report reverse();
  void state_at(Step t);
  void restart();
  void rehearse(Step k, const std::function<void()>& spoil);
  Report report() const;
  void on_progress(ProgressCallback callback) { executor_->on_progress(std::move(callback)); }
  CallState call_state() const { return call_state_; }
  Bytes buffer_bytes() const { return layout_.buffer_bytes(); }
  const Provision& provision() const { return provision_; }

 private:
  std::unique_ptr<Executor> make_executor();
  void expect(bool legal, std::string_view call, std::string_view what_is) const;
  template <class Work>
  void or_fail(Work&& work);
  void open_record(Step n);
  void write_summary();

  Config config_;
  State state_;
  Operators operators_;
  Layout layout_;
  Provision provision_;
  TierSet tiers_;
  std::unique_ptr<Executor> executor_;
  CallState call_state_ = CallState::ready;
  bool looking_ = false;       // the last call that made a state live was state_at
  std::optional<Step> steps_;  // n of the last forward
  std::int64_t sweep_ = 0;     // number of the sweep in this process, from 1
  double plan_cost_ = 0;
};

std::unique_ptr<Executor> Reversal::Run::make_executor() {
  const Executor::Parts parts{.state = state_, .layout = layout_, .operators = operators_, .tiers = tiers_};
  if (config_.executor == ExecutorKind::sequential) return std::make_unique<SequentialExecutor>(parts);
  return std::make_unique<AsyncExecutor>(parts);
}

void Reversal::Run::expect(bool legal, std::string_view call, std::string_view what_is) const {
  if (!legal)
    throw std::logic_error{fmt::format("Reversal::{}: the call state is {}; {}", call, name_of(call_state_), what_is)};
}

/// Whatever is thrown passes unchanged, after the lanes have drained; then only restart() is legal.
template <class Work>
void Reversal::Run::or_fail(Work&& work) {
  try {
    work();
  } catch (...) {
    call_state_ = CallState::failed;
    executor_->forget_live();
    executor_->settle();
    executor_->meter().begin(Meter::Doing::paused);
    throw;
  }
}

void Reversal::Run::forward(Step n) {
  expect(call_state_ == CallState::ready, "forward", "it is legal when ready: after reverse() or restart()");
  if (n < 0 || n >= limits::steps)
    throw std::invalid_argument{
        fmt::format("Reversal::forward: {} steps; from 0 to {} are possible", n, limits::steps - 1)};
  auto schedule = make_schedule(config_.schedule, problem_of(config_, provision_, n + 1));
  log(spdlog::level::info, "sweep {}: forward over {} steps, schedule {}", sweep_ + 1, n, name_of(config_.schedule));
  looking_ = false;
  or_fail([&] {
    ++sweep_;
    steps_ = n;
    executor_->begin(n, std::move(schedule));
    open_record(n);
    executor_->forward();
  });
  call_state_ = CallState::forwarded;
}

Report Reversal::Run::reverse() {
  expect(call_state_ == CallState::forwarded, "reverse", "it is legal after forward()");
  or_fail([&] {
    if (operators_.seed) {
      executor_->bring(*steps_);
      executor_->forget_live();
      executor_->meter().begin(Meter::Doing::other);
      operators_.seed();
    }
    executor_->reverse();
    write_summary();
  });
  looking_ = false;
  call_state_ = CallState::ready;
  log(spdlog::level::info, "sweep {}: reversed {} steps in {:.3f} s, {:.3f} s of them stalled", sweep_, *steps_,
      executor_->meter().total_seconds(), executor_->meter().seconds(Meter::Doing::stall));
  return report();
}

void Reversal::Run::state_at(Step t) {
  const bool swept = call_state_ == CallState::ready && steps_.has_value();
  expect(call_state_ == CallState::forwarded || call_state_ == CallState::away || swept, "state_at",
         call_state_ == CallState::failed ? "call restart() first" : "call forward() first");
  if (t < 0 || t > *steps_)
    throw std::invalid_argument{fmt::format("Reversal::state_at: step {}; from 0 to {} are possible", t, *steps_)};
  if (!looking_) executor_->forget_live();  // the user may have seeded in place, or set another x_0
  or_fail([&] {
    executor_->bring(t);
    executor_->meter().begin(Meter::Doing::paused);
  });
  looking_ = true;
  if (swept) call_state_ = CallState::away;
}

void Reversal::Run::restart() {
  looking_ = false;
  call_state_ = CallState::ready;  // also where x_0 is lost: what the user makes live then is x_0
  executor_->restart();
}

void Reversal::Run::rehearse(Step k, const std::function<void()>& spoil) {
  expect(call_state_ == CallState::ready, "rehearse",
         "it is legal when ready: before forward(), after reverse() or restart()");
  if (k < 1) throw std::invalid_argument{fmt::format("Reversal::rehearse: {} steps; at least 1", k)};
  Pool& pool = tiers_.pool();
  pool.touch(pool.touched() - pool.available() + 1);
  if (pool.available() == 0) {  // the one buffer holds the x_0 of the last sweep
    executor_->forget_stored();
    steps_.reset();
  }
  or_fail([&] { Rehearsal{state_, layout_, operators_}.run(k, spoil, executor_->take_buffer()); });
}

void Reversal::Run::open_record(Step n) {
  if (tiers_.records().empty()) return;
  const Pool::Buffer start = executor_->take_buffer();
  state_.save(0, layout_, start.bytes());
  const std::string identity = identity_of(layout_, n, sweep_, checksum_of(layout_, start.bytes()));
  for (RunRecord* record : tiers_.records()) {
    record->put_identity(identity);
    record->put_steps(n);
  }
}

void Reversal::Run::write_summary() {
  if (tiers_.records().empty()) return;
  const Report now = report();
  RunSummary summary;
  for (const Report::PerLevel& level : now.levels) {
    const auto count = [](Count c) { return static_cast<std::int64_t>(std::min<std::uint64_t>(c.value(), INT64_MAX)); };
    summary.actions.push_back(
        {count(level.takeshots), count(level.restores), count(level.moves), count(level.discards)});
    summary.stall_seconds.push_back(level.stall_seconds);
  }
  summary.advances = static_cast<std::int64_t>(std::min<std::uint64_t>(now.advances.value(), INT64_MAX));
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  summary.end = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
  summary.report = now.json();
  for (RunRecord* record : tiers_.records()) record->put_summary(summary);
}

Report Reversal::Run::report() const {
  const PlanCounts& counts = executor_->counts();
  const Meter& meter = executor_->meter();
  Report report;
  report.schedule = name_of(config_.schedule);
  report.executor = name_of(config_.executor);
  report.steps = steps_.value_or(0);
  report.advances = counts.advances;
  report.turns =
      Count{counts.turns.value() - std::min<std::uint64_t>(counts.turns.value(), 1)};  // the seed's is the user's
  report.snapshot = layout_.snapshot_bytes();
  report.buffer = layout_.buffer_bytes();
  report.pool = provision_.pool;
  report.advance_seconds = meter.seconds(Meter::Doing::advance);
  report.turn_seconds = meter.seconds(Meter::Doing::turn);
  report.copy_seconds = meter.seconds(Meter::Doing::copy);
  report.stall_seconds = meter.seconds(Meter::Doing::stall);
  report.other_seconds = meter.seconds(Meter::Doing::other);
  report.total_seconds = meter.total_seconds();
  std::vector<double> save_costs, load_costs;
  for (std::size_t i = 0; i < counts.levels.size(); ++i) {
    const Level level{static_cast<std::int32_t>(i)};
    const PlanCounts::PerLevel& counted = counts.levels[i];
    const Tier& tier = tiers_.at(level);
    save_costs.push_back(config_.tiers[i].save_cost.value_or(0));
    load_costs.push_back(config_.tiers[i].load_cost.value_or(0));
    report.levels.push_back({.tier = tier.kind(),
                             .file = tier.file(),
                             .slots = tier.slots(),
                             .peak = counted.peak,
                             .takeshots = counted.takeshots,
                             .restores = counted.restores,
                             .moves = counted.moves,
                             .discards = counted.discards,
                             .saved = layout_.snapshot_bytes() * (counted.takeshots + counted.moves).value(),
                             .loaded = layout_.snapshot_bytes() * counted.restores.value(),
                             .stall_seconds = executor_->stall_seconds()[i],
                             .lane_seconds = executor_->lane_seconds(level)});
  }
  report.plan_cost = cost_of(counts, save_costs, load_costs, /*turn_cost=*/0);
  return report;
}

Reversal::Reversal(Config config, State state, Operators operators)
    : run_{std::make_unique<Run>(std::move(config), std::move(state), std::move(operators))} {}
Reversal::Reversal(Reversal&&) noexcept = default;
Reversal& Reversal::operator=(Reversal&&) noexcept = default;
Reversal::~Reversal() = default;

void Reversal::forward(Step n) {
  run_->forward(n);
}
Report Reversal::reverse() {
  return run_->reverse();
}
Report Reversal::sweep(Step n) {
  run_->forward(n);
  return run_->reverse();
}
void Reversal::state_at(Step t) {
  run_->state_at(t);
}
void Reversal::restart() {
  run_->restart();
}
void Reversal::rehearse(Step k, const std::function<void()>& spoil) {
  run_->rehearse(k, spoil);
}
void Reversal::on_progress(ProgressCallback callback) {
  run_->on_progress(std::move(callback));
}
Reversal::CallState Reversal::call_state() const {
  return run_->call_state();
}
Report Reversal::report() const {
  return run_->report();
}
Bytes Reversal::snapshot_bytes() const {
  return run_->buffer_bytes();
}
const Provision& Reversal::provision() const {
  return run_->provision();
}

}  // namespace cairn
