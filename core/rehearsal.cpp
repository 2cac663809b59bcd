// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/rehearsal.hpp>

#include <stdexcept>

#include <fmt/format.h>

namespace cairn {

void Rehearsal::run(Step steps, const std::function<void()>& spoil, Pool::Buffer start) const {
  state_->save(0, *layout_, start.bytes());
  const std::vector<Checksum> first = sums_after(steps);
  state_->load(0, *layout_, start.bytes());
  if (spoil) spoil();
  const std::vector<Checksum> second = sums_after(steps);
  state_->load(0, *layout_, start.bytes());
  for (std::size_t i = 0; i < first.size(); ++i)
    if (first[i] != second[i])
      throw std::runtime_error{
          fmt::format("rehearse: field \"{}\" differs after {} steps run twice from the same state; either the State "
                      "lacks something that "
                      "the forward operator reads, or the operator is not deterministic",
                      layout_->fields()[i].name, steps)};
}

std::vector<Checksum> Rehearsal::sums_after(Step steps) const {
  operators_->advance({0, steps, true});
  return state_->sums(steps);
}

}  // namespace cairn
