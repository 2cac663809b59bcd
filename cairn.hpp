// SPDX-License-Identifier: BSD-3-Clause
/// All of cairn that a user of the runtime needs. For schedules alone: <cairn/schedulers/make_schedule.hpp>.
#pragma once

#include <cairn/core/config.hpp>
#include <cairn/core/first_sums.hpp>
#include <cairn/core/progress.hpp>
#include <cairn/core/report.hpp>
#include <cairn/core/reversal.hpp>
#include <cairn/core/state.hpp>
#include <cairn/words.hpp>
