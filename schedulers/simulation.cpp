// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/simulation.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace cairn {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

Machine checked(Machine machine) {
  if (machine.levels.empty()) throw std::invalid_argument{"a machine has at least one level"};
  if (machine.buffers < 1) throw std::invalid_argument{"a machine has at least one buffer"};
  const auto wrong = [](double time) { return !(std::isfinite(time) && time >= 0); };
  for (const auto& level : machine.levels)
    if (wrong(level.save) || wrong(level.load))
      throw std::invalid_argument{"the time to save or load a snapshot is not a number of forward steps"};
  if (wrong(machine.copy_out) || wrong(machine.copy_in) || wrong(machine.turn_cost))
    throw std::invalid_argument{"the time of a copy or a turn is not a number of forward steps"};
  return machine;
}

}  // namespace

Simulation::Simulation(Machine machine) : machine_{checked(std::move(machine))} {
  std::size_t lanes = 0;
  for (const auto& level : machine_.levels) lanes = std::max(lanes, level.lane + 1);
  lanes_.resize(lanes);
  timing_.levels.resize(machine_.levels.size());
  transfers_.resize(machine_.levels.size());
}

void Simulation::begin_with(const std::vector<Problem::Stored>& stored, std::optional<Step> live) {
  for (const auto& [step, level] : stored) {
    if (slow(level)) {
      written_[{level.rank, step}] = now_;
      continue;
    }
    ++live_;
    ++in_use_;
    if (step == 0) start_in_ram_ = true;
  }
  stock_.emplace();
  for (const auto& [step, level] : stored) stock_->note(Takeshot{step, level});
  reversed_from_start_ = !live;
}

void Simulation::change_later(MachineChange change) {
  changes_.push_back({change.time, checked(std::move(change.machine))});
}

const Machine& Simulation::at(double time) const {
  const Machine* machine = &machine_;
  for (const MachineChange& change : changes_)
    if (change.time <= time) machine = &change.machine;
  return *machine;
}

Observed Simulation::observed() {
  run_lanes();
  std::vector<Observed::PerLevel> levels = observed_transfers();
  return {.advances = {.time = timing_.compute - turn_time_, .count = timing_.compute - turn_time_},
          .turns = {.time = turn_time_, .count = turns_},
          .copies = {.time = timing_.copy, .count = static_cast<double>(timing_.copies.value())},
          .levels = std::move(levels),
          .time = now_};
}

std::vector<Observed::PerLevel> Simulation::observed_transfers() {
  for (Lane& each : lanes_)
    if (each.free_at <= now_) count_load(each);
  std::vector<Observed::PerLevel> levels = transfers_;
  for (const Lane& each : lanes_) {
    if (!each.latest || each.free_at <= now_) continue;
    Observed::PerLevel& of = levels[index(each.latest->level)];
    (each.latest->saves ? of.save_under_way : of.load_under_way) = now_ - (each.free_at - each.latest->time);
  }
  return levels;
}

Gauge Simulation::gauge() {
  return [this](Level level) {
    run_lanes();
    const auto& queued = lane(level).saves;
    const auto of_level = [level](const auto& save) { return save.level == level; };
    const auto begun = [&](const auto& save) { return save.level == level && save.time && save.ends > now_; };
    return static_cast<std::size_t>(std::count_if(queued.begin(), queued.end(), of_level) +
                                    std::count_if(saving_.begin(), saving_.end(), begun));
  };
}

Timing Simulation::run(Schedule& schedule) {
  if (reversed_from_start_) reverse_goes_on(schedule);
  while (const std::optional<Action> action = schedule.next()) {
    const bool first_turn = !scout_ && std::holds_alternative<Turn>(*action);
    if (first_turn) reverse_begins(schedule);
    carry_out(*action);
    if (!scout_) continue;
    if (!first_turn) scout_->follow();
    look_ahead();
  }
  return ended();
}

Timing Simulation::run(std::unique_ptr<Schedule> schedule, Planner& planner) {
  if (!stock_) stock_.emplace();
  planner.sweep_begins();
  if (reversed_from_start_) reverse_goes_on(*schedule);
  while (const std::optional<Action> action = schedule->next()) {
    const auto* advance = std::get_if<Advance>(&*action);
    if (advance && !scout_) {
      advance_watched(schedule, planner, advance->steps);
      continue;
    }
    const auto* turn = std::get_if<Turn>(&*action);
    const bool first_turn = !scout_ && turn;
    if (first_turn) reverse_begins(*schedule);
    stock_->note(*action);
    carry_out(*action);
    if (!scout_) continue;
    if (!first_turn) scout_->follow();
    if (turn && turn->step > 0 && planner.is_due(true))
      plan_anew(schedule, planner, {.to_turn = turn->step, .live = {}});
    look_ahead();
  }
  return ended();
}

void Simulation::advance_watched(std::unique_ptr<Schedule>& schedule, Planner& planner, Steps steps) {
  for (Step step = steps.first; step < steps.last; ++step) {
    on(Advance{{step, step + 1}});
    if (planner.is_due(false) && plan_anew(schedule, planner, {.to_turn = 0, .live = step + 1})) return;
  }
}

bool Simulation::plan_anew(std::unique_ptr<Schedule>& schedule, Planner& planner, Standing standing) {
  standing.stored = stock_->stored();
  std::unique_ptr<Schedule> fresh = planner.plan_anew(standing, *schedule);
  if (!fresh) return false;
  schedule = std::move(fresh);
  ++timing_.plans;
  if (!standing.live) reverse_goes_on(*schedule);
  return true;
}

// A plan that begins in the reverse sweep. What was read ahead for the last one, and is not wanted next, is dropped.
void Simulation::reverse_goes_on(const Schedule& schedule) {
  drop_loaded();
  scout_.emplace(schedule.clone(), scouted());
  std::size_t kept = 0;
  for (; kept < ahead_.size(); ++kept) {
    const std::optional<Restore> wanted = scout_->wanted(static_cast<Slots>(kept));
    const auto read = std::find_if(
        ahead_.begin() + static_cast<std::ptrdiff_t>(kept), ahead_.end(),
        [&](const Ahead& each) { return wanted && each.step == wanted->step && each.level == wanted->level; });
    if (read == ahead_.end()) break;
    std::iter_swap(read, ahead_.begin() + static_cast<std::ptrdiff_t>(kept));
    scout_->taken();
  }
  for (; ahead_.size() > kept; ahead_.pop_back()) {
    const Ahead& dropped = ahead_.back();
    if (dropped.done)
      saving_.push_back({*dropped.done, dropped.level, std::nullopt});  // its buffer is free when the read has ended
    else
      give_back();
    std::erase_if(lane(dropped.level).loads,
                  [&](const Load& load) { return load.step == dropped.step && load.level == dropped.level; });
  }
  look_ahead();
}

Timing Simulation::ended() {
  timing_.makespan = now_;
  for (Lane& each : lanes_) run_lane(each, std::numeric_limits<double>::max());  // what is still queued counts as well
  return timing_;
}

Scout::Begin Simulation::scouted() const {
  Scout::Begin begin{.buffers = machine_.buffers, .in_memory = machine_.ram, .live = live_, .start = start_in_ram_};
  for (const auto& level : machine_.levels) begin.lanes.push_back(level.lane);
  return begin;
}

// The first turn is handed out, and not yet carried out: what comes behind it can be read from now on.
void Simulation::reverse_begins(const Schedule& schedule) {
  drop_loaded();
  scout_.emplace(schedule.clone(), scouted());
  look_ahead();
}

void Simulation::carry_out(const Action& action) {
  std::visit([this](const auto& what) { on(what); }, action);
}

void Simulation::on(const Advance& advance) {
  drop_loaded();
  now_ += static_cast<double>(advance.steps.size());
  timing_.compute += static_cast<double>(advance.steps.size());
}

void Simulation::on(const Turn&) {
  drop_loaded();
  const double time = at(now_).turn_cost;
  now_ += time;
  timing_.compute += time;
  turn_time_ += time;
  ++turns_;
}

void Simulation::on(const Takeshot& takeshot) {
  if (slow(takeshot.level)) {
    drop_loaded();
    take_buffer();
    copy(at(now_).copy_out);
    return queue_save(takeshot.step, takeshot.level);
  }
  ++live_;
  if (takeshot.step == 0) start_in_ram_ = true;
  if (loaded_ == takeshot.step) {
    loaded_.reset();  // its buffer is the snapshot
    return;
  }
  drop_loaded();
  take_buffer();
  copy(at(now_).copy_out);
}

void Simulation::on(const Restore& restore) {
  drop_loaded();
  if (slow(restore.level)) {
    fetch(restore.step, restore.level);
    loaded_ = restore.step;
  }
  copy(at(now_).copy_in);
}

void Simulation::on(const Move& move) {
  drop_loaded();
  if (slow(move.from)) {
    fetch(move.step, move.from);
    written_.erase({move.from.rank, move.step});
  } else {
    --live_;
    if (move.step == 0) start_in_ram_ = false;
  }
  if (slow(move.to)) return queue_save(move.step, move.to);
  ++live_;
}

void Simulation::on(const Discard& discard) {
  if (slow(discard.level)) {
    written_.erase({discard.level.rank, discard.step});
    return;
  }
  --live_;
  give_back();
}

void Simulation::look_ahead() {
  for (;;) {
    const std::optional<Restore> wanted = scout_->wanted(static_cast<Slots>(ahead_.size()));
    if (!wanted || !is_saved(wanted->step, wanted->level)) return;
    run_lanes();
    if (in_use_ >= machine_.buffers) return;
    ++in_use_;
    timing_.peak = std::max(timing_.peak, in_use_);
    ahead_.push_back({wanted->step, wanted->level, std::nullopt});
    lane(wanted->level).loads.push_back({wanted->step, wanted->level, now_});
    ++figures(wanted->level).read_ahead;
    scout_->taken();
  }
}

// Everything that the lanes have begun by now.
void Simulation::run_lanes() {
  for (Lane& each : lanes_) run_lane(each, now_);
  std::erase_if(saving_, [&](const auto& save) {
    if (save.ends > now_) return false;
    give_back();
    if (save.time) {
      transfers_[index(save.level)].saves.time += *save.time;
      ++transfers_[index(save.level)].saves.count;
    }
    return true;
  });
}

void Simulation::run_lane(Lane& of, double until) {
  for (;;) {
    const double save = of.saves.empty() ? never : std::max(of.free_at, of.saves.front().ready);
    const double load = of.loads.empty() ? never : std::max(of.free_at, of.loads.front().ready);
    if (std::min(save, load) > until) return;
    if (save <= load)
      begin_save(of);
    else
      begin_load(of);
  }
}

void Simulation::begin_save(Lane& of) {
  const Save save = of.saves.front();
  of.saves.pop_front();
  const double begin = std::max(of.free_at, save.ready);
  const double time = at(begin).levels[index(save.level)].save;
  begin_on(of, begin, {save.level, true, time});
  saving_.push_back({of.free_at, save.level, time});
  written_[{save.level.rank, save.step}] = of.free_at;
  figures(save.level).busy += time;
  ++figures(save.level).saves;
}

void Simulation::begin_load(Lane& of) {
  const Load load = of.loads.front();
  of.loads.pop_front();
  const double begin = std::max(of.free_at, load.ready);
  const double time = at(begin).levels[index(load.level)].load;
  begin_on(of, begin, {load.level, false, time});
  for (Ahead& ahead : ahead_)
    if (ahead.step == load.step && ahead.level == load.level) ahead.done = of.free_at;
  figures(load.level).busy += time;
  ++figures(load.level).loads;
}

void Simulation::begin_on(Lane& of, double time, Transfer transfer) {
  count_load(of);  // the one before has ended by then
  of.latest = transfer;
  of.free_at = time + transfer.time;
}

// A planner learns of a load when it has ended.
void Simulation::count_load(Lane& of) {
  if (of.latest && !of.latest->saves) {
    Observed::Sum& loads = transfers_[index(of.latest->level)].loads;
    loads.time += of.latest->time;
    ++loads.count;
  }
  of.latest.reset();
}

// Of the first one that is queued.
double Simulation::end_of_save(const Lane& of) const {
  const double begin = std::max(of.free_at, of.saves.front().ready);
  return begin + at(begin).levels[index(of.saves.front().level)].save;
}

// Waits for the next save to end where no buffer is free.
void Simulation::take_buffer() {
  run_lanes();
  while (in_use_ >= machine_.buffers) {
    double next = never;
    Level level;
    const auto sooner = [&](double time, Level of) {
      if (time >= next) return;
      next = time;
      level = of;
    };
    for (const Saving& save : saving_) sooner(save.ends, save.level);
    for (const Lane& each : lanes_)
      if (!each.saves.empty()) sooner(end_of_save(each), each.saves.front().level);
    if (next == never)
      throw std::logic_error{"the simulation waits for ever: all " + std::to_string(machine_.buffers) +
                             " buffers hold snapshots"};
    wait_until(next, level);
    run_lanes();
  }
  ++in_use_;
  timing_.peak = std::max(timing_.peak, in_use_);
}

void Simulation::wait_until(double time, Level level) {
  if (time <= now_) return;
  timing_.stall += time - now_;
  figures(level).stall += time - now_;
  now_ = time;
}

void Simulation::copy(double cost) {
  ++timing_.copies;
  timing_.copy += cost;
  now_ += cost;
}

void Simulation::queue_save(Step step, Level level) {
  lane(level).saves.push_back({step, level, now_});
}

// The snapshot is in a buffer, which is ours.
void Simulation::fetch(Step step, Level level) {
  run_lanes();
  const auto found = std::find_if(ahead_.begin(), ahead_.end(),
                                  [&](const Ahead& each) { return each.step == step && each.level == level; });
  if (found == ahead_.end()) {
    take_buffer();
    wait_for_save(step, level);
    return load_now(step, level);
  }
  if (found->done) {
    wait_until(*found->done, level);
  } else {
    std::erase_if(lane(level).loads, [&](const Load& load) { return load.step == step && load.level == level; });
    load_now(step, level);
  }
  ahead_.erase(found);
}

void Simulation::load_now(Step step, Level level) {
  Lane& of = lane(level);
  of.loads.push_front({step, level, now_});
  begin_load(of);
  wait_until(of.free_at, level);
}

void Simulation::wait_for_save(Step step, Level level) {
  Lane& of = lane(level);
  const std::pair key{level.rank, step};
  while (!written_.contains(key)) {
    if (of.saves.empty()) throw std::logic_error{"x_" + std::to_string(step) + " is loaded and was never saved"};
    begin_save(of);
  }
  wait_until(written_[key], level);
  run_lanes();
}

bool Simulation::is_saved(Step step, Level level) {
  run_lanes();
  const auto found = written_.find({level.rank, step});
  return found != written_.end() && found->second <= now_;
}

void Simulation::drop_loaded() {
  if (!std::exchange(loaded_, std::nullopt)) return;
  give_back();
}

}  // namespace cairn
