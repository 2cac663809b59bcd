// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/schedule.hpp>

#include <stdexcept>

namespace cairn {

void Schedule::finish(Step) {
  throw std::logic_error{
      "Schedule::finish: this schedule was made for a known number of steps; only online ones end by finish()"};
}

}  // namespace cairn
