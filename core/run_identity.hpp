// SPDX-License-Identifier: BSD-3-Clause
/// What makes a sweep this sweep: snapshots of another one are not ours.
#pragma once

#include <cairn/storage/checksum.hpp>
#include <cairn/storage/layout.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

/// The `/run/identity` of FORMAT: JSON with the layout (or its hash where many fields would not fit), n (null where the
/// sweep began without knowing it), the number of the sweep in its process, and the sum of x_0. Not with costs,
/// capacities or schedule, which may change.
std::string identity_of(const Layout& layout, std::optional<Step> steps, std::int64_t sweep, const Checksum& start);

}  // namespace cairn
