// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/scout.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace cairn {
namespace {
constexpr int actions_ahead = 64;  // looked at, at most, for each action carried out; each action is looked at once
constexpr std::size_t restores_ahead = 64;
constexpr std::uint64_t still = std::numeric_limits<std::uint64_t>::max();
}  // namespace

Scout::Scout(std::unique_ptr<Schedule> ahead, const Begin& begin)
    : ahead_{std::move(ahead)},
      buffers_{begin.buffers},
      in_memory_{begin.in_memory},
      live_{begin.live},
      start_in_memory_{begin.start},
      lanes_{begin.lanes} {
  std::array<bool, static_cast<std::size_t>(limits::tiers)> known{};
  for (std::size_t k = in_memory_ ? 1 : 0; k < lanes_.size(); ++k)
    if (!std::exchange(known[lanes_[k]], true)) ++lanes_known_;
  if (lanes_.empty()) lanes_known_ = 1;
  lanes_without_ = lanes_known_;
  peaks_.push_back({still, live_});
}

void Scout::follow() {
  ++now_;
  while (seen_ < now_ && !ended_) look_at_next();
  while (!stretches_.empty() && stretches_.front().at <= now_) {
    const Stretch& done = stretches_.front();
    if (!done.taken && --waiting_[lane_of(done.until.level)] == 0) ++lanes_without_;  // it was restored without us
    stretches_.pop_front();
    while (peaks_gone_ < (stretches_.empty() ? open_peak_ : stretches_.front().first_peak)) forget_first_peak();
  }
  const std::uint64_t next = stretches_.size() > 1    ? stretches_[1].first_peak
                             : stretches_.size() == 1 ? open_peak_
                                                      : peaks_gone_ + peaks_.size();
  while (peaks_gone_ + 1 < next && peaks_.front().until <= now_) forget_first_peak();
}

void Scout::forget_first_peak() {
  peaks_.pop_front();
  ++peaks_gone_;
}

void Scout::look_further() {
  for (credit_ = std::max(credit_, actions_ahead);
       credit_ > 0 && lanes_without_ > 0 && !ended_ && stretches_.size() < restores_ahead; --credit_)
    look_at_next();
}

// Each term of the rule grows from one restore to the next: where one may not be read, no later one may.
std::optional<Restore> Scout::wanted(Slots read_ahead) {
  look_further();
  std::array<std::size_t, static_cast<std::size_t>(limits::tiers)> reading{};
  std::array<bool, static_cast<std::size_t>(limits::tiers)> asked{};
  Slots peak = 0, passed_over = 0;
  std::size_t lanes_left = lanes_known_ - lanes_without_;
  for (offered_ = 0; offered_ < stretches_.size() && lanes_left > 0; ++offered_) {
    const Stretch& each = stretches_[offered_];
    const std::size_t lane = lane_of(each.until.level);
    peak = std::max(peak, peak_from(each.first_peak));
    if (each.taken) {
      ++reading[lane];
    } else if (asked[lane] || reading[lane] >= most_ahead) {
      if (!std::exchange(asked[lane], true)) --lanes_left;
      passed_over = 1;
    } else {
      const Slots staging = each.slow_save > now_ ? 1 : 0;
      if (peak + read_ahead + 1 + staging + passed_over > buffers_) return std::nullopt;
      return each.until;
    }
  }
  return std::nullopt;
}

void Scout::taken() {
  Stretch& read = stretches_[offered_];
  read.taken = true;
  if (--waiting_[lane_of(read.until.level)] == 0) ++lanes_without_;
}

void Scout::look_at_next() {
  if (const std::optional<Action> action = ahead_->next()) {
    ++seen_;
    note(*action);
  } else {
    ended_ = true;
  }
}

void Scout::note(const Action& action) {
  if (const auto* takeshot = std::get_if<Takeshot>(&action)) {
    if (slow(takeshot->level))
      slow_save_ = seen_;
    else if (takeshot->step != 0 || !std::exchange(start_in_memory_, true))
      live_changed(+1);
  } else if (const auto* discard = std::get_if<Discard>(&action)) {
    if (!slow(discard->level) && discard->step != 0) live_changed(-1);
  } else if (const auto* move = std::get_if<Move>(&action)) {
    slow_save_ = seen_;
    if (!slow(move->from)) {
      if (move->step == 0) start_in_memory_ = false;
      live_changed(-1);
    }
    if (!slow(move->to) && (move->step != 0 || !std::exchange(start_in_memory_, true))) live_changed(+1);
  } else if (const auto* restore = std::get_if<Restore>(&action); restore && slow(restore->level) && seen_ > now_) {
    note_restore(*restore);
  }
}

void Scout::note_restore(const Restore& restore) {
  stretches_.push_back(
      {.first_peak = open_peak_, .until = restore, .at = seen_, .slow_save = slow_save_, .taken = false});
  open_peak_ = peaks_gone_ + peaks_.size();
  peaks_.push_back({still, live_});
  if (waiting_[lane_of(restore.level)]++ == 0) --lanes_without_;
}

void Scout::live_changed(Slots by) {
  peaks_.back().until = seen_;
  live_ += by;
  while (!peaks_.empty() && peaks_gone_ + peaks_.size() > open_peak_ && peaks_.back().live <= live_) peaks_.pop_back();
  peaks_.push_back({still, live_});
}

}  // namespace cairn
