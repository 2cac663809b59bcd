// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/conductor.hpp>

#include <utility>

namespace cairn {
namespace {

thread_local Conductor* conducting = nullptr;

}  // namespace

Conductor* Conductor::of_this_thread() noexcept {
  return conducting;
}

Conducted::Conducted(Conductor& conductor) noexcept : before_{std::exchange(conducting, &conductor)} {}

Conducted::~Conducted() {
  conducting = before_;
}

}  // namespace cairn
