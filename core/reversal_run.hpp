// SPDX-License-Identifier: BSD-3-Clause
/// What a Reversal holds, and the work behind its calls.
#pragma once

#include <cairn/core/executor.hpp>
#include <cairn/core/kept.hpp>
#include <cairn/core/planning.hpp>
#include <cairn/core/resume.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/core/run_report.hpp>
#include <cairn/core/tier_set.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// It never moves in memory, for its parts refer to each other.
class Reversal::Run {
 public:
  using Clock = std::chrono::steady_clock;
  Run(Config config, State state, Operators operators);

  Arrived forward(Step n);
  Arrived forward_while(const std::function<bool()>& more);
  Arrived resume(const std::function<bool()>& more);
  Report reverse();
  void state_at(Step t);
  void restart();
  void rehearse(Step k, const std::function<void()>& spoil);
  Report report() const;
  State& to_keep();
  void request_stop() noexcept { stop_asked_ = true; }
  void depends_on(const std::string& name, std::span<const std::byte> bytes) { depends_on_[name] = checksum_of(bytes); }
  void on_progress(ProgressCallback callback) { executor_->on_progress(std::move(callback)); }
  CallState call_state() const { return call_state_; }
  Bytes buffer_bytes() const { return layout_.buffer_bytes(); }
  const Provision& provision() const { return provision_; }

 private:
  std::unique_ptr<Executor> make_executor();
  void expect(bool legal, std::string_view call, std::string_view what_is) const;
  template <class Work>
  void or_fail(Work&& work);
  template <class Work>
  bool or_stop(Work&& work);
  bool is_to_stop() const;
  void has_stopped();
  std::string schedule_text() const;
  RunParts parts() const;
  void begin_sweep(std::optional<Step> n, std::unique_ptr<Schedule> schedule);
  void seed();
  std::optional<Arrived> find_and_go_on(std::optional<Step> n, std::optional<Step> known,
                                        const std::function<bool()>& more = {});
  void go_on(std::optional<Step> n, const std::string& identity, const Resumption& from,
             const std::function<bool()>& more);
  Resumption where_it_stood();
  void go_back(const Resumption& to, const std::function<bool()>& more);
  void go_on_forward(Step live, const std::function<bool()>& more);
  void run_loop(const std::function<bool()>& more);
  void open_kept(bool resume);
  std::string identity(std::optional<Step> n);
  void open_record(std::optional<Step> n);
  void write_steps(Step n);
  void write_phase(bool reverse);
  void write_summary();
  void put_in_files(const RunSummary& summary);

  Config config_;
  State state_;
  Operators operators_;
  Layout layout_;
  Provision provision_;
  TierSet tiers_;
  State to_keep_;
  std::map<std::string, Checksum> depends_on_;
  std::optional<PathClaim> kept_claim_;
  std::unique_ptr<Kept> kept_;
  Level kept_level_;  // beside whose file
  std::unique_ptr<Executor> executor_;
  Planning planning_;
  CallState call_state_ = CallState::ready;
  bool under_way_ = false;                         // a sweep that resume() can go on with
  bool behind_the_seed_ = false;                   // resumed in the reverse sweep …
  bool brings_kept_ = false;                       // … which begins with what was kept
  bool looking_ = false;                           // the last call that made a state live was state_at
  std::optional<Step> steps_;                      // n of the last forward, once it is known
  SweepStart start_;                               // what tiers and lanes had done before
  std::optional<Report::Makespan> makespan_ = {};  // of the last sweep, once it is over
  std::atomic<bool> stop_asked_ = false;
  Position stopped_at_;  // where call_state_ is stopped
  Clock::time_point made_ = Clock::now();
  std::int64_t sweep_ = 0;  // number of the sweep in this process, from 1
};

/// Whatever is thrown passes unchanged, after the lanes have drained; then only resume() and restart() are legal.
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

/// False where a stop was asked for meanwhile; then only resume() and restart() are legal.
template <class Work>
bool Reversal::Run::or_stop(Work&& work) {
  bool stopped = false;
  or_fail([&] {
    try {
      work();
    } catch (const Executor::StopAsked&) {
      stopped_at_ = executor_->commit_position();
      stopped = true;
    }
  });
  if (!stopped) return true;
  has_stopped();
  return false;
}

}  // namespace cairn
