// SPDX-License-Identifier: BSD-3-Clause
/// Threads of OpenMP sleep while they wait for each other. By default they spin, and whenever something else needs a
/// core for a moment (a lane of cairn, another program) the whole loop waits for a thread that is not running: ten
/// times slower was measured. The user's own OMP_WAIT_POLICY wins. OpenMP reads it before main() and before all
/// constructors of this program, hence .preinit_array, which comes before those of the libraries.
#include <cstdlib>

namespace {

void wait_passively(int, char**, char**) {
  ::setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/0);
}

}  // namespace

[[gnu::section(".preinit_array"), gnu::used]] static void (*const before_libraries)(int, char**,
                                                                                    char**) = wait_passively;
