// SPDX-License-Identifier: BSD-3-Clause
/// Which levels lie on one device: --devices, or the folders of the paths in CONFIG.
#pragma once

#include "plan.hpp"
#include <cairn/core/config.hpp>
#include <cairn/schedulers/make_schedule.hpp>

#include <string_view>

namespace cairn::tool {

/// Tiers whose paths lie in folders of one device (st_dev) share it, as their files will in a run. A folder that is not
/// there is taken for a device of its own. Throws std::invalid_argument where --devices is given as well.
void ask_devices(Problem& problem, const PlanOptions& options, const Config& config);

/// --devices D,..., a number for each level, where there is no CONFIG: "0,1,1". Not given: a device each. Throws
/// std::invalid_argument that names the option and what would be right.
void ask_devices(Problem& problem, const PlanOptions& options);

}  // namespace cairn::tool
