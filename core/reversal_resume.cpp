// SPDX-License-Identifier: BSD-3-Clause
// Sweeps that another process has begun, and those that another will end.
#include <cairn/core/reversal_run.hpp>
#include <cairn/core/run_identity.hpp>
#include <cairn/schedulers/recorded_plan.hpp>
#include <cairn/storage/log.hpp>

#include <utility>
#include <vector>

namespace cairn {
namespace {

/// Where every step is turned already.
std::unique_ptr<Schedule> nothing_to_do() {
  return std::make_unique<RecordedPlan>(std::make_shared<const std::vector<Action>>());
}

}  // namespace

/// Nothing: there is no position to go on from but step 0.
std::optional<Reversal::Arrived> Reversal::Run::resume(Step n, std::optional<Step> known) {
  tiers_.pool().touch(1);
  const std::string found = identity_found(tiers_, identity(known));
  open_kept(true);
  sweep_ = sweep_of(found);  // of which this is the rest; whoever comes after has a number that no file has seen
  const Resumption from = take_over(tiers_, kept_.get(), found, n);
  if (!from.position.reverse && from.position.step == 0) {
    for (const Catalog::Entry& entry : from.stored) tiers_.at(entry.level).release(entry.slot);
    log(spdlog::level::info, "nothing is stored to go on from; the run begins anew");
    return std::nullopt;
  }
  if (!or_stop([&] { go_on(n, found, from); })) return Arrived::stopped;
  call_state_ = CallState::forwarded;
  return from.position.reverse ? Arrived::in_reverse : Arrived::at_the_end;
}

void Reversal::Run::go_on(Step n, const std::string& identity, const Resumption& from) {
  const auto& [reverse, step] = from.position;
  steps_ = n;
  behind_the_seed_ = reverse;
  start_ = start_of_sweep(tiers_, *executor_);
  executor_->begin(n, nullptr);
  for (RunRecord* record : tiers_.records())
    if (record->found().identity != identity) record->put_identity(identity);  // a tier that is new, or as good as new
  executor_->hold(from.stored);
  if (from.kept) kept_->load(from.position);
  if (!reverse) executor_->bring(step);
  executor_->leave_a_buffer();
  const Standing standing{.to_turn = reverse ? step : n + 1,
                          .live = reverse ? std::nullopt : std::optional{step},
                          .stored = executor_->stored()};
  auto schedule = standing.to_turn > 0 ? planning_.plan_rest(n, standing) : nothing_to_do();
  log(spdlog::level::info, "sweep {}: resumed in the {} sweep at step {} of {}, from {} snapshots, {}", sweep_,
      reverse ? "reverse" : "forward", step, n, standing.stored.size(), schedule_text());
  executor_->go_on(standing.to_turn, standing.live, std::move(schedule), planning_.planner());
  if (!reverse) executor_->forward();
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
  executor_->keep_beside(kept_.get(), last);
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
      "sweep {}: stopped as asked in the {} sweep at step {} of {}; with resume: true the next "
      "start goes on",
      sweep_, stopped_at_.reverse ? "reverse" : "forward", stopped_at_.step, *steps_);
}

}  // namespace cairn
