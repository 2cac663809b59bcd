// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/async_executor.hpp>
#include <cairn/core/rehearsal.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/core/reversal_run.hpp>
#include <cairn/core/run_identity.hpp>
#include <cairn/core/run_makespan.hpp>
#include <cairn/core/sequential_executor.hpp>
#include <cairn/storage/log.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

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
    case CallState::stopped: return "stopped";
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

Reversal::Run::Run(Config config, State state, Operators operators)
    : config_{checked(std::move(config))},
      state_{std::move(state)},
      operators_{checked(std::move(operators))},
      layout_{state_.fields()},
      provision_{provide(config_, layout_.buffer_bytes())},
      tiers_{config_, layout_, provision_},
      executor_{make_executor()},
      planning_{config_, provision_, tiers_, *executor_} {
  executor_->heal_by(
      [this](const Standing& standing, const std::vector<bool>& retired) {
        auto schedule = planning_.plan_rest(*executor_->steps(), standing, retired);
        return Executor::Rest{std::move(schedule), planning_.planner()};
      },
      config_.on_tier_failure == OnTierFailure::go_on);
  executor_->stop_when([this] { return is_to_stop(); });
  if (config_.verify == Verify::replay) executor_->compare_replayed();
  provision_.slots = tiers_.slots();  // what is opened again keeps its own
  provision_.pool = tiers_.pool().buffers();
  log(spdlog::level::info, "a snapshot has {}; the pool has {} buffers of {}{}", readable(layout_.snapshot_bytes()),
      provision_.pool, readable(layout_.buffer_bytes()),
      tiers_.shared() ? " in shared memory, " + tiers_.ram()->file() : "");
}

std::unique_ptr<Executor> Reversal::Run::make_executor() {
  const Executor::Parts parts{.state = state_, .layout = layout_, .operators = operators_, .tiers = tiers_};
  if (config_.executor == ExecutorKind::sequential) return std::make_unique<SequentialExecutor>(parts);
  return std::make_unique<AsyncExecutor>(parts, LaneSetting{.cpus = config_.lanes.cpus, .nice = config_.lanes.nice},
                                         config_.copy_threads);
}

void Reversal::Run::expect(bool legal, std::string_view call, std::string_view what_is) const {
  if (!legal)
    throw std::logic_error{fmt::format("Reversal::{}: the call state is {}; {}", call, name_of(call_state_), what_is)};
}

Reversal::Arrived Reversal::Run::forward(Step n) {
  expect(call_state_ == CallState::ready, "forward", "it is legal when ready: after reverse() or restart()");
  if (n < 0 || n >= limits::steps)
    throw std::invalid_argument{
        fmt::format("Reversal::forward: {} steps; from 0 to {} are possible", n, limits::steps - 1)};
  if (any_reopened(tiers_))
    if (const std::optional<Arrived> arrived = find_and_go_on(n, n)) return *arrived;
  open_kept(false);
  auto schedule = planning_.plan(n);
  log(spdlog::level::info, "sweep {}: forward over {} steps, {}", sweep_ + 1, n, schedule_text());
  const bool at_the_end = or_stop([&] {
    begin_sweep(n, std::move(schedule));
    write_steps(n);
    executor_->forward();
  });
  if (!at_the_end) return Arrived::stopped;
  call_state_ = CallState::forwarded;
  return Arrived::at_the_end;
}

Reversal::Arrived Reversal::Run::forward_while(const std::function<bool()>& more) {
  expect(call_state_ == CallState::ready, "forward_while", "it is legal when ready: after reverse() or restart()");
  if (!more) throw std::invalid_argument{"Reversal::forward_while: more is empty; it says whether to step on from x_t"};
  if (config_.schedule != ScheduleKind::online && config_.schedule != ScheduleKind::overlap &&
      config_.schedule != ScheduleKind::automatic)
    throw std::logic_error{
        fmt::format("Reversal::forward_while: schedule {} must know the number of steps; call forward(n), or configure "
                    "schedule: online, overlap or auto",
                    name_of(config_.schedule))};
  if (any_reopened(tiers_)) {
    const Step found = steps_found(tiers_);
    const std::optional<Step> n = found >= 0 ? std::optional{found} : std::nullopt;
    if (const std::optional<Arrived> arrived = find_and_go_on(n, std::nullopt, more)) return *arrived;
  }
  open_kept(false);
  auto schedule = planning_.plan(std::nullopt);
  log(spdlog::level::info, "sweep {}: forward while there are more steps, {}", sweep_ + 1, schedule_text());
  const bool at_the_end = or_stop([&] {
    begin_sweep(std::nullopt, std::move(schedule));
    write_steps(-1);
    run_loop(more);
  });
  if (!at_the_end) return Arrived::stopped;
  call_state_ = CallState::forwarded;
  return Arrived::at_the_end;
}

void Reversal::Run::run_loop(const std::function<bool()>& more) {
  steps_ = executor_->forward_while(more);
  write_steps(*steps_);
  log(spdlog::level::info, "sweep {}: the loop ended after {} steps", sweep_, *steps_);
}

std::string Reversal::Run::schedule_text() const {
  const Choice& choice = planning_.choice();
  const std::string text = fmt::format("schedule {}", name_of(choice.kind));
  if (planning_.plans() == 0) return text + ": planned when the first steps are measured";
  return choice.reason.empty() ? text : fmt::format("{}: {}", text, choice.reason);
}

void Reversal::Run::begin_sweep(std::optional<Step> n, std::unique_ptr<Schedule> schedule) {
  looking_ = under_way_ = behind_the_seed_ = false;
  ++sweep_;
  steps_ = n;
  makespan_.reset();
  start_ = start_of_sweep(tiers_, *executor_);
  executor_->begin(n, std::move(schedule), planning_.planner());
  if (const std::size_t actions = n ? actions_to_record(parts()) : 0; actions > 0) executor_->record(actions);
  open_record(n);
  under_way_ = true;
}

Report Reversal::Run::reverse() {
  expect(call_state_ == CallState::forwarded, "reverse", "it is legal after forward() or forward_while()");
  const bool ended = or_stop([&] {
    if (behind_the_seed_) {
      if (brings_kept_) kept_->load({.reverse = true, .step = *steps_ - executor_->turned()});  // whatever was seeded
    } else {
      seed();
      executor_->keep_now({.reverse = true, .step = *steps_});
      write_phase(true);
    }
    behind_the_seed_ = false;
    executor_->reverse();
    planning_.sweep_ends();
    makespan_ = makespan_of(parts(), report_of(parts()), planning_.problem(*steps_));
    write_summary();
  });
  if (!ended) return report();
  looking_ = under_way_ = false;
  call_state_ = CallState::ready;
  log(spdlog::level::info, "sweep {}: reversed {} steps in {:.3f} s, {:.3f} s of them stalled", sweep_, *steps_,
      executor_->meter().total_seconds(), executor_->meter().seconds(Meter::Doing::stall));
  return report();
}

void Reversal::Run::seed() {
  if (!operators_.seed) return;
  executor_->bring(*steps_);
  executor_->forget_live();
  executor_->meter().begin(Meter::Doing::other);
  operators_.seed();
}

void Reversal::Run::state_at(Step t) {
  const bool swept = call_state_ == CallState::ready && steps_.has_value();
  expect(call_state_ == CallState::forwarded || call_state_ == CallState::away || swept, "state_at",
         call_state_ == CallState::failed ? "call restart() first" : "call forward() or forward_while() first");
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
  looking_ = under_way_ = false;
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
  or_fail([&] { Rehearsal{state_, layout_, operators_}.run(k, spoil, executor_->spare_buffer()); });
}

std::string Reversal::Run::identity(std::optional<Step> n) {
  const Pool::Buffer start = executor_->spare_buffer();
  state_.save(0, layout_, start.bytes());
  return identity_of(layout_, {.steps = n,
                               .sweep = sweep_,
                               .start = checksum_of(layout_, start.bytes()),
                               .run_id = config_.run_id,
                               .depends_on = depends_on_});
}

void Reversal::Run::open_record(std::optional<Step> n) {
  if (tiers_.records().empty()) return;
  const std::string text = identity(n);
  std::vector<StorageError> failed;  // whatever is stored instead comes after all identities
  const auto try_to = [&](const auto& write) {
    try {
      write();
    } catch (const StorageError& problem) {
      failed.push_back(problem);
    }
  };
  for (RunRecord* record : tiers_.records()) try_to([&] { record->put_identity(text); });
  if (kept_)
    try_to([&] {
      kept_->begin(text);
      executor_->write_kept_now({.reverse = false, .step = 0});  // as it was before the first step
    });
  write_phase(false);
  if (!executor_->goes_on_without(failed)) throw StorageError{failed.front()};
}

/// For a later process: has the reverse sweep begun?
void Reversal::Run::write_phase(bool reverse) {
  RunSummary summary;
  summary.actions.resize(config_.tiers.size());
  summary.stall_seconds.resize(config_.tiers.size());
  summary.report = report_of_phase(sweep_, reverse);
  put_in_files(summary);
}

/// A tier that cannot be written to may have been retired.
void Reversal::Run::put_in_files(const RunSummary& summary) {
  const auto or_say = [&](const auto& write) {
    try {
      write();
    } catch (const StorageError& problem) {
      if (config_.on_tier_failure == OnTierFailure::stop) throw;
      log(spdlog::level::warn, "{}", problem.what());
    }
  };
  for (RunRecord* record : tiers_.records()) or_say([&] { record->put_summary(summary); });
  if (kept_ && !summary.end.empty()) or_say([&] { kept_->end(); });
}

void Reversal::Run::write_steps(Step n) {
  for (RunRecord* record : tiers_.records()) {
    try {
      record->put_steps(n);
    } catch (const StorageError& problem) {
      if (!executor_->goes_on_without({problem})) throw;
    }
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
  put_in_files(summary);
}

RunParts Reversal::Run::parts() const {
  return {.config = config_,
          .choice = planning_.choice(),
          .layout = layout_,
          .provision = provision_,
          .tiers = tiers_,
          .executor = *executor_,
          .steps = steps_.value_or(0),
          .start = start_};
}

Report Reversal::Run::report() const {
  Report report = report_of(parts());
  report.stopped = call_state_ == CallState::stopped;
  if (report.stopped) report.stopped_in_reverse = stopped_at_.reverse, report.stopped_at = stopped_at_.step;
  report.makespan = makespan_;
  return report;
}

Reversal::Reversal(Config config, State state, Operators operators)
    : run_{std::make_unique<Run>(std::move(config), std::move(state), std::move(operators))} {}
Reversal::Reversal(Reversal&&) noexcept = default;
Reversal& Reversal::operator=(Reversal&&) noexcept = default;
Reversal::~Reversal() = default;

State& Reversal::to_keep() {
  return run_->to_keep();
}
void Reversal::depends_on_bytes(const std::string& name, std::span<const std::byte> bytes) {
  run_->depends_on(name, bytes);
}
Reversal::Arrived Reversal::forward(Step n) {
  return run_->forward(n);
}
Reversal::Arrived Reversal::forward_while(const std::function<bool()>& more) {
  return run_->forward_while(more);
}
Reversal::Arrived Reversal::resume() {
  return run_->resume({});
}
Reversal::Arrived Reversal::resume(const std::function<bool()>& more) {
  return run_->resume(more);
}
void Reversal::request_stop() noexcept {
  run_->request_stop();
}
Report Reversal::reverse() {
  return run_->reverse();
}
Report Reversal::sweep(Step n) {
  return run_->forward(n) == Arrived::stopped ? run_->report() : run_->reverse();
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
