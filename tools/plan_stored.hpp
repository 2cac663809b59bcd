// SPDX-License-Identifier: BSD-3-Clause
/// What is stored already and what is turned already: --stored and --turned.
#pragma once

#include "plan_question.hpp"

namespace cairn::tool {

/// Puts both into question.problem, whose levels are known; question.steps is N. Throws std::invalid_argument that
/// names the option and what would be right.
void ask_stored(PlanQuestion& question, const PlanOptions& options);

}  // namespace cairn::tool
