// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/planner.hpp>

#include <algorithm>

namespace cairn {

void Stock::note(const Action& action) {
  if (const auto* takeshot = std::get_if<Takeshot>(&action)) {
    stored_.push_back({takeshot->step, takeshot->level});
  } else if (const auto* discard = std::get_if<Discard>(&action)) {
    remove(discard->step, discard->level);
  } else if (const auto* move = std::get_if<Move>(&action)) {
    remove(move->step, move->from);
    stored_.push_back({move->step, move->to});
  }
}

// The latest are the first to go.
void Stock::remove(Step step, Level level) {
  const auto found = std::find(stored_.rbegin(), stored_.rend(), Problem::Stored{step, level});
  if (found != stored_.rend()) stored_.erase(std::next(found).base());
}

}  // namespace cairn
