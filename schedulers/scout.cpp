// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/scout.hpp>

#include <utility>

namespace cairn {
namespace {
constexpr int actions_ahead = 64;  // looked at, at most, for each action carried out; each action is looked at once
}

Scout::Scout(std::unique_ptr<Schedule> ahead, const Begin& begin)
    : ahead_{std::move(ahead)},
      buffers_{begin.buffers},
      in_memory_{begin.in_memory},
      live_{begin.live},
      start_in_memory_{begin.start} {
  peaks_.push_back({0, live_});
}

void Scout::follow() {
  ++now_;
  while (seen_ < now_ && !ended_) look_at_next();
  if (candidate_ && candidate_at_ <= now_) candidate_.reset();  // it was restored without us
  while (peaks_.size() > 1 && peaks_[1].at <= now_) peaks_.pop_front();
}

std::optional<Restore> Scout::wanted(Slots read_ahead) {
  for (int i = 0; i < actions_ahead && !candidate_ && !ended_; ++i) look_at_next();
  if (!candidate_) return std::nullopt;
  const Slots staging = slow_save_ > now_ ? 1 : 0;
  return peak() + read_ahead + 1 + staging <= buffers_ ? candidate_ : std::nullopt;
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
    candidate_ = *restore;
    candidate_at_ = seen_;
  }
}

void Scout::live_changed(Slots by) {
  live_ += by;
  while (!peaks_.empty() && peaks_.back().live <= live_) peaks_.pop_back();
  peaks_.push_back({seen_, live_});
}

}  // namespace cairn
