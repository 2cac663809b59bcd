// SPDX-License-Identifier: BSD-3-Clause
// Sweeps that another process has begun, and those that another will end.
#include <cairn/core/reversal_run.hpp>
#include <cairn/core/run_identity.hpp>
#include <cairn/schedulers/recorded_plan.hpp>
#include <cairn/storage/log.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace cairn {
namespace {

/// Where every step is turned already.
std::unique_ptr<Schedule> nothing_to_do() {
  return std::make_unique<RecordedPlan>(std::make_shared<const std::vector<Action>>());
}

}  // namespace

/// Nothing: there is no position to go on from but step 0. Without n the loop of the earlier process had not ended.
std::optional<Reversal::Arrived> Reversal::Run::find_and_go_on(std::optional<Step> n, std::optional<Step> known,
                                                               const std::function<bool()>& more) {
  tiers_.pool().touch(1);
  const std::string found = identity_found(tiers_, identity(known));
  open_kept(true);
  sweep_ = sweep_of(found);  // of which this is the rest; whoever comes after has a number that no file has seen
  const Resumption from = take_over(tiers_, kept_.get(), found, n.value_or(limits::steps));
  if (!from.position.reverse && from.position.step == 0) {
    for (const Catalog::Entry& entry : from.stored) tiers_.at(entry.level).release(entry.slot);
    log(spdlog::level::info, "nothing is stored to go on from; the run begins anew");
    return std::nullopt;
  }
  if (!or_stop([&] { go_on(n, found, from, more); })) return Arrived::stopped;
  call_state_ = CallState::forwarded;
  return from.position.reverse ? Arrived::in_reverse : Arrived::at_the_end;
}

void Reversal::Run::go_on(std::optional<Step> n, const std::string& identity, const Resumption& from,
                          const std::function<bool()>& more) {
  under_way_ = false;
  steps_ = n;
  start_ = start_of_sweep(tiers_, *executor_);
  executor_->begin(n, nullptr);
  for (RunRecord* record : tiers_.records())
    if (record->found().identity != identity) record->put_identity(identity);  // a tier that is new, or as good as new
  executor_->hold(from.stored);
  under_way_ = true;
  go_back(from, more);
}

/// Goes on from a position, what the executor holds being stored.
void Reversal::Run::go_back(const Resumption& to, const std::function<bool()>& more) {
  const auto& [reverse, step] = to.position;
  behind_the_seed_ = reverse;
  brings_kept_ = to.kept;
  if (to.kept) kept_->load(to.position);
  if (!reverse) return go_on_forward(to.kept ? step : executor_->latest_stored(step).value_or(0), more);
  executor_->leave_a_buffer();
  const Standing standing{.to_turn = step, .live = {}, .stored = executor_->stored()};
  auto schedule = step > 0 ? planning_.plan_rest(*steps_, standing, executor_->retired()) : nothing_to_do();
  log(spdlog::level::info, "sweep {}: resumed in the reverse sweep at step {} of {}, from {} snapshots, {}", sweep_,
      step, *steps_, standing.stored.size(), schedule_text());
  executor_->go_on(step, {}, std::move(schedule), planning_.planner());
}

/// Where nothing was kept, what the operators have written is of the steps that ran before.
void Reversal::Run::go_on_forward(Step live, const std::function<bool()>& more) {
  const Step ran = brings_kept_ ? live : std::max(live, executor_->high_water());
  executor_->bring(live);
  executor_->keep_stored(live);
  executor_->leave_a_buffer();
  const Standing standing{.to_turn = steps_ ? *steps_ + 1 : 0, .live = live, .stored = executor_->stored()};
  auto schedule = steps_ ? planning_.plan_rest(*steps_, standing, executor_->retired()) : planning_.plan_loop(standing);
  log(spdlog::level::info, "sweep {}: resumed in the forward sweep at step {}, from {} snapshots, {}", sweep_, live,
      standing.stored.size(), schedule_text());
  if (steps_)
    executor_->go_on(standing.to_turn, live, std::move(schedule), planning_.planner());
  else
    executor_->go_on_in_loop(live, std::move(schedule), planning_.planner());
  executor_->ran_before(ran);
  steps_ ? executor_->forward() : run_loop(more);
}

Reversal::Arrived Reversal::Run::resume(const std::function<bool()>& more) {
  expect(call_state_ == CallState::failed || call_state_ == CallState::stopped, "resume",
         "it is legal when failed or stopped");
  if (!under_way_) throw std::logic_error{"Reversal::resume: no sweep was under way that could go on; call restart()"};
  if (!steps_ && !more)
    throw std::logic_error{"Reversal::resume: the loop had not ended; call resume(more), as forward_while(more)"};
  if (call_state_ == CallState::failed && !kept_ && (executor_->reverses() || behind_the_seed_))
    throw std::logic_error{
        "Reversal::resume: the reverse sweep had begun, and nothing was kept of what it had added up: register the "
        "gradient and the adjoint by Reversal::keep() before forward(); call restart()"};
  stop_asked_ = false;
  if (call_state_ == CallState::stopped) made_ = Clock::now();
  looking_ = false;
  Resumption to;
  const bool arrived = or_stop([&] {
    to = where_it_stood();
    executor_->take_up(to.position.step + (to.position.reverse ? 0 : 1));
    if (kept_) executor_->keep_beside(kept_.get(), kept_level_);
    if (executor_->reverses() && !to.position.reverse) write_phase(false);
    go_back(to, more);
  });
  if (!arrived) return Arrived::stopped;
  call_state_ = CallState::forwarded;
  return to.position.reverse ? Arrived::in_reverse : Arrived::at_the_end;
}

/// The last commit. After a stop the user's arrays are whole, and as good as one.
Resumption Reversal::Run::where_it_stood() {
  const bool reverse = executor_->reverses() || behind_the_seed_;
  const Position stood{.reverse = reverse, .step = reverse ? *steps_ - executor_->turned() : executor_->high_water()};
  if (!kept_) return {.position = stood};
  const std::vector<Position> committed = kept_->committed();
  if (call_state_ == CallState::stopped && (committed.empty() || committed.front() != stood))
    return {.position = stood};
  if (committed.empty())
    throw StorageError{StorageError::Kind::absent,
                       {.tier = "kept", .file = kept_->tier().file()},
                       "nothing that was kept is whole; call restart(), and set what you keep as for a new sweep"};
  return {.position = committed.front(), .kept = true};
}

State& Reversal::Run::to_keep() {
  expect(call_state_ == CallState::ready && !kept_ && sweep_ == 0, "keep", "it is legal before the first forward()");
  if (tiers_.records().empty())
    throw std::invalid_argument{
        "Reversal::keep: no tier has a file, so that nothing can be kept; add one of kind hdf5 or mmap, or make the "
        "ram tier's memory shared: true"};
  return to_keep_;
}

void Reversal::Run::open_kept(bool resume) {
  if (kept_ || to_keep_.fields().empty()) return;
  const Level last{tiers_.levels() - 1};  // only the first may be without a file
  const std::string& configured = config_.tiers.back().path;
  const std::string path = Kept::path_for(configured.empty() ? tiers_.at(last).file() : configured);
  if (!kept_claim_) kept_claim_.emplace(path);
  kept_ = std::make_unique<Kept>(to_keep_, path, config_, resume);
  kept_level_ = last;
  executor_->keep_beside(kept_.get(), kept_level_);
}

bool Reversal::Run::is_to_stop() const {
  if (stop_asked_) return true;
  if (!config_.stop_after_seconds) return false;
  return std::chrono::duration<double>(Clock::now() - made_).count() >= *config_.stop_after_seconds;
}

void Reversal::Run::has_stopped() {
  call_state_ = CallState::stopped;
  if (!kept_) log(spdlog::level::warn, "nothing was kept: a later process can go on in the first sweep only");
  log(spdlog::level::info,
      "sweep {}: stopped as asked in the {} sweep at step {}{}; with resume: true the next start goes on", sweep_,
      stopped_at_.reverse ? "reverse" : "forward", stopped_at_.step, steps_ ? fmt::format(" of {}", *steps_) : "");
}

}  // namespace cairn
