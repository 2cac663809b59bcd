// SPDX-License-Identifier: BSD-3-Clause
/// What the files say after the end of a process, before anybody opens them again.
#pragma once

#include "scenario.hpp"

namespace cairn::test {

/// Checks every file; a Violation names file, slot and step. `power_cut`: the machine was off in between.
///
/// Without a power cut: a step word of t means a valid row of step t with the bytes of x_t and their sum; so does a row
/// that says `valid`. After one: what load() accepts is right. Always: whoever opens the file finds every snapshot that
/// was committed.
void examine_files(Universe& universe, const Layout& layout, const Layout& kept_layout, bool power_cut);

}  // namespace cairn::test
