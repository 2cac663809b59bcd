// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/first_sums.hpp>

#include <algorithm>
#include <bit>
#include <string>

#include <fmt/format.h>

namespace cairn {
namespace {

constexpr Step looked_at_one_by_one = Step{1} << 16;

std::string text_of(Steps among, const Checksum& first, const Checksum& again) {
  const std::string which =
      among.size() == 1 ? fmt::format("step {} is not deterministic", among.first)
                        : fmt::format("one of the steps {} to {} is not deterministic", among.first, among.last - 1);
  return fmt::format(
      "verify: replay: {}: run again from the x_{} that it was, another x_{} came out, checksum {} instead of {}; "
      "the same bits are right, whenever advance() is run: sums in a fixed order, fixed seeds, as many threads each "
      "time, and the State must hold all that it reads and changes (Reversal::rehearse() tells which field differs)",
      which, among.first, among.last, to_string(again), to_string(first));
}

}  // namespace

NotDeterministic::NotDeterministic(Steps among, const Checksum& first, const Checksum& again)
    : std::runtime_error{text_of(among, first, again)}, steps_{among} {}

/// Between looks: 1 up to x_65536, 2 from there to x_131072 …
Step FirstSums::spacing(Step step) {
  const auto times = static_cast<std::uint64_t>(std::max<Step>((step - 1) / (looked_at_one_by_one / 2), 1));
  return static_cast<Step>(std::bit_floor(times));
}

std::vector<FirstSums::First>::iterator FirstSums::place(Step step) {
  return std::ranges::lower_bound(first_, step, {}, &First::step);
}

void FirstSums::begin() {
  first_.clear();
  seen_ = agreed_ = farthest_ = 0;
  compared_ = {};
}

void FirstSums::see(Step step, const Checksum& sum) {
  const auto at = place(step);
  seen_ = step;
  if (at == first_.end() || at->step != step) {
    first_.insert(at, {step, sum});
    if (step > farthest_) farthest_ = agreed_ = step;  // else it may have gone astray since the last look
    return;
  }
  if (at->sum != sum) throw NotDeterministic{{agreed_, step}, at->sum, sum};
  agreed_ = step;
  ++compared_;
}

void FirstSums::restored(Step step) {
  seen_ = agreed_ = step;
}

void FirstSums::know(Step step, const Checksum& sum) {
  const auto at = place(step);
  if (at == first_.end() || at->step != step) first_.insert(at, {step, sum});
  ran_before(step);
}

void FirstSums::ran_before(Step step) {
  farthest_ = std::max(farthest_, step);
}

void FirstSums::turned(Step step) {
  first_.erase(place(step), first_.end());
}

}  // namespace cairn
