// SPDX-License-Identifier: BSD-3-Clause
/// The signals by which batch systems and people end a program, taken as a wish to stop in time.
#pragma once

#include <cairn/core/reversal.hpp>

#include <csignal>
#include <vector>

namespace acoustic {

/// From its construction on, SIGTERM, SIGUSR1, SIGUSR2 and the first SIGINT ask a run to stop, and do nothing else:
/// what a batch system sends some time before it kills (Slurm --signal, LSF at the run limit), or Ctrl-C. The second
/// SIGINT kills as usual. One at a time. The handler does what a handler may: it sets atomic flags.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  ~StopSignals();  ///< From here on they do nothing, so that a run that stopped can end the program with its exit code.
  /// Also a stop that was asked for before this call. `run` must outlive this object.
  void pass_to(cairn::Reversal& run);
  void as_before();  ///< The signals do what they did before there was such an object.
  /// The first of the signals that came: "SIGTERM"; empty while there was none.
  static const char* received();

 private:
  struct Before {
    int signal;
    struct sigaction action;
  };
  std::vector<Before> before_;
};

}  // namespace acoustic
