// SPDX-License-Identifier: BSD-3-Clause
/// Copies that go around the caches.
#pragma once

#include <cstddef>

namespace cairn {

/// Copies `bytes` bytes that do not overlap. The stores go around the caches, where the machine can: a snapshot is not
/// looked at again soon, and a line that will be overwritten need not be read first. See the lines "ram tier" of
/// docs/performance.md.
void stream_bytes(void* to, const void* from, std::size_t bytes);

}  // namespace cairn
