// SPDX-License-Identifier: BSD-3-Clause
/// What a user may have meant by a name that is not known.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cairn {

/// "; the nearest is \"capacity\"", for the end of an error text, or nothing where no name is near. There is a name.
std::string nearest_to(std::string_view name, std::span<const std::string_view> names);

}  // namespace cairn
