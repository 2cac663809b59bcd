// SPDX-License-Identifier: BSD-3-Clause
#include "process.hpp"

#include <cairn/core/async_executor.hpp>
#include <cairn/core/run_identity.hpp>
#include <cairn/core/sequential_executor.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace cairn::test {

Process::Process(Universe& universe)
    : universe_{universe},
      world_{universe.world},
      toy_{universe},
      state_{toy_.state()},
      to_keep_{toy_.kept()},
      operators_{toy_.operators()},
      layout_{state_.fields()} {}

Process::~Process() = default;

Layout Process::kept_layout() {
  std::uint64_t word = 0;
  std::uint8_t phase = 0;
  State state;
  state.add("trace", word).add("adjoint", word).add("gradient", word).add("cairn_reverse", phase);
  return Layout{state.fields()};
}

Process::End Process::run() {
  const Conducted conducted{world_};
  const auto over = [&](End end) {
    if (executor_) executor_->settle();
    if (!world_.violation.empty()) throw Violation{world_.violation};
    return world_.dead() ? End::killed : end;
  };
  try {
    open();
    sweeps();
    return over(stop_asked_ ? End::stopped : End::done);
  } catch (const Killed&) {
    return over(End::killed);
  } catch (const CheckedToy::Died&) {
    return over(End::failed);
  } catch (const StorageError& problem) {
    if (!world_.dead() && world_.faults == 0) world_.violate(fmt::format("without a fault: {}", problem.what()));
    return over(End::failed);
  } catch (const std::exception& problem) {
    if (!universe_.scenario.keeps && universe_.reverse_began &&
        std::string{problem.what()}.find("nothing was kept") != std::string::npos)
      return over(End::refused);
    if (world_.dead()) return over(End::killed);
    world_.violate(problem.what());
  }
}

ScheduleKind Process::any_kind() {
  using enum ScheduleKind;
  const ScheduleKind kinds[] = {multistage, multistage, hrevolve, store_all, periodic, disk_revolve, overlap, overlap};
  const bool ram_and_more = universe_.scenario.ram;
  for (;;) {
    const ScheduleKind kind = kinds[world_.random.below(std::size(kinds))];
    const bool needs_more = kind == overlap || kind == disk_revolve || kind == periodic;
    if (!needs_more || ram_and_more) return kind;
  }
}

/// Capacities and schedule are drawn anew in each process: a resumed run may have others.
Config Process::config_for() {
  Config config;
  config.schedule = any_kind();
  config.executor = universe_.scenario.executor;
  config.durability = universe_.scenario.promise.durability;
  config.verify = universe_.scenario.promise.verify;
  if (config.executor == ExecutorKind::sequential && config.schedule == ScheduleKind::overlap)
    config.schedule = ScheduleKind::multistage;
  Random& random = world_.random;
  const auto add = [&](TierKind kind, std::string path, Slots slots, double cost) {
    config.tiers.push_back({.kind = kind,
                            .path = std::move(path),
                            .capacity = Capacity::of_slots(slots),
                            .save_cost = cost,
                            .load_cost = cost});
  };
  if (universe_.scenario.ram) add(TierKind::ram, "", random.between(2, 6), 0);
  for (std::size_t i = 0; i < universe_.scenario.files; ++i) {
    const bool last = i + 1 == universe_.scenario.files;
    const bool all = last && config.schedule == ScheduleKind::store_all;
    add(TierKind::hdf5, fmt::format("file{}", i), all ? steps() + 2 : random.between(1, last ? 12 : 5),
        .5 * static_cast<double>(random.between(1, 6)));
  }
  config.costs = {.advance_seconds = 1, .turn = 1};
  return config;
}

std::unique_ptr<Tier> Process::tier_in(std::unique_ptr<SimulatedFile>& file, Slots slots, std::size_t level) {
  if (file && (file->now.identity.empty() || !file->now.end.empty())) file.reset();  // as TierSet does
  if (!file) file = std::make_unique<SimulatedFile>(fmt::format("file{}", level), slots, layout_.image_bytes());
  const std::uint64_t device = universe_.scenario.one_device ? 1 : level + 1;
  return std::make_unique<SimulatedTier>(world_, *file, layout_, universe_.scenario.promise,
                                         universe_.scenario.breaking, device);
}

void Process::open() {
  config_ = config_for();
  provision_ = provide(config_, layout_.buffer_bytes());
  auto pool = std::make_unique<Pool>(provision_.pool, layout_.buffer_bytes());
  std::vector<std::unique_ptr<Tier>> tiers;
  std::size_t level = 0;
  if (universe_.scenario.ram)
    tiers.push_back(std::make_unique<RamTier>(layout_, provision_.slots[level++], *pool, universe_.scenario.promise));
  for (auto& file : universe_.files) {
    tiers.push_back(tier_in(file, provision_.slots[level], level));
    ++level;
  }
  tiers_ = std::make_unique<TierSet>(std::move(pool), std::move(tiers));
  provision_.slots = tiers_->slots();
  const Executor::Parts parts{.state = state_, .layout = layout_, .operators = operators_, .tiers = *tiers_};
  if (config_.executor == ExecutorKind::sequential)
    executor_ = std::make_unique<SequentialExecutor>(parts);
  else
    executor_ = std::make_unique<AsyncExecutor>(parts, LaneSetting{}, 1);
  executor_->heal_by(
      [this](const Standing& standing, const std::vector<bool>& retired) {
        return Executor::Rest{plan_rest(standing, retired), nullptr};
      },
      universe_.scenario.retires);
  executor_->stop_when([this] {
    if (!stop_asked_ && universe_.scenario.stops > 0 && world_.random.one_in(50)) {
      stop_asked_ = true;
      --universe_.scenario.stops;
    }
    return stop_asked_;
  });
  if (universe_.scenario.replans && config_.schedule == ScheduleKind::overlap)  // its plans share the pool
    planner_.emplace(world_, [this] { return problem(); });
}

void Process::sweeps() {
  while (universe_.sweep < universe_.scenario.sweeps) {
    if (!sweep()) return;
    universe_.reverse_began = false;
    if (++universe_.sweep < universe_.scenario.sweeps) toy_.start_sweep();
  }
}

/// False: stopped.
bool Process::sweep() {
  for (;;) {
    bool again = world_.random.one_in(2);
    try {
      if (!forward()) return false;
      look_around();
      return reverse();
    } catch (const StorageError& problem) {
      if (!again || world_.dead() || world_.faults == 0) throw;
    } catch (const CheckedToy::Died&) {
      if (!again) throw;
    }
    start_again();
  }
}

/// What a user does who goes on in place: restart(), sums from zero, forward() again.
void Process::start_again() {
  executor_->forget_live();
  executor_->settle();
  behind_the_seed_ = false;
  bool is_back = true;
  try {
    executor_->restart();
  } catch (const StorageError&) {
    is_back = false;
  }
  if (is_back) toy_.expect_live(0);
  toy_.start_sweep();
}

bool Process::forward() {
  if (any_reopened(*tiers_)) {
    if (resume()) return !stop_asked_;
  } else {
    open_kept(false);
  }
  return or_stop([&] { begin_sweep(); });
}

bool Process::or_stop(const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const Executor::StopAsked&) {
    executor_->commit_position();
    has_stopped();
    return false;
  }
}

/// The next process is to go on from here.
void Process::has_stopped() {
  const bool reverse = universe_.reverse_began;
  if (reverse && !kept_) return;
  universe_.stopped_at = Position{.reverse = reverse, .step = reverse ? toy_.turned_down_to() : toy_.reached()};
}

std::string Process::identity() {
  const Pool::Buffer start = executor_->take_buffer();
  state_.save(0, layout_, start.bytes());
  std::string text = identity_of(
      layout_,
      {.steps = steps(), .sweep = attempts_, .start = checksum_of(layout_, start.bytes()), .run_id = "simulated"});
  universe_.sweeps_by_run[run_hash_of(text)] = universe_.sweep;
  return text;
}

void Process::begin_sweep() {
  ++attempts_;
  auto schedule = plan();
  executor_->begin(steps(), std::move(schedule), planner_ ? &*planner_ : nullptr);
  const std::string text = identity();
  std::vector<StorageError> failed;
  const auto try_to = [&](const auto& write) {
    try {
      write();
    } catch (const StorageError& problem) {
      failed.push_back(problem);
    }
  };
  for (RunRecord* record : tiers_->records()) try_to([&] { record->put_identity(text); });
  if (kept_) try_to([&] { kept_->begin(text); });
  write_phase(false);
  if (!executor_->goes_on_without(failed)) throw StorageError{failed.front()};
  universe_.reverse_began = false;
  for (RunRecord* record : tiers_->records()) record->put_steps(steps());
  executor_->forward();
}

void Process::write_phase(bool reverse) {
  RunSummary summary;
  summary.report = report_of_phase(attempts_, reverse);
  for (RunRecord* record : tiers_->records()) record->put_summary(summary);
}

/// Between the sweeps: any states, in any order.
void Process::look_around() {
  if (behind_the_seed_ || !world_.random.one_in(6)) return;
  executor_->forget_live();
  for (int looks = static_cast<int>(world_.random.between(1, 3)); looks > 0; --looks) {
    const Step step = world_.random.between(0, steps());
    executor_->bring(step);
    toy_.expect_live(step);
  }
}

/// False: stopped.
bool Process::reverse() {
  const bool ended = or_stop([&] {
    if (behind_the_seed_) {
      kept_->load({.reverse = true, .step = steps() - executor_->turned()});
      toy_.expect_sums(true, steps() - executor_->turned());
    } else {
      executor_->bring(steps());
      executor_->forget_live();
      toy_.seed();
      executor_->keep_now({.reverse = true, .step = steps()});
      universe_.reverse_began = true;
      write_phase(true);
    }
    behind_the_seed_ = false;
    executor_->reverse();
  });
  if (ended) finish();
  return ended;
}

void Process::finish() {
  if (toy_.turned_down_to() != 0) world_.violate(fmt::format("{} steps are not turned", toy_.turned_down_to()));
  toy_.expect_live(0);
  toy_.expect_sums(true, 0);
  expect_all_buffers_back();
  RunSummary summary;
  summary.end = "now";
  for (RunRecord* record : tiers_->records()) record->put_summary(summary);
  if (kept_) kept_->end();
}

void Process::expect_all_buffers_back() {
  executor_->settle();
  Slots in_ram = 0;
  if (RamTier* const ram = tiers_->ram())
    for (Slot slot{0}; slot.index < ram->slots(); ++slot.index)
      in_ram += ram->ledger().at(slot).status == SlotStatus::valid;
  Pool& pool = tiers_->pool();
  if (pool.available() + in_ram != pool.touched())
    world_.violate(
        fmt::format("of {} buffers {} are free and {} hold RAM snapshots", pool.touched(), pool.available(), in_ram));
}

}  // namespace cairn::test
