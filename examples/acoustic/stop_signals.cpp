// SPDX-License-Identifier: BSD-3-Clause
#include "stop_signals.hpp"

#include <atomic>
#include <stdexcept>

namespace acoustic {
namespace {

std::atomic<int> first_signal = 0;
std::atomic<cairn::Reversal*> to_be_stopped = nullptr;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<cairn::Reversal*>::is_always_lock_free,
              "a signal handler may not wait for a lock");

// pass_to() writes and reads these two the other way round: a signal between its lines is not lost.
extern "C" void ask_to_stop(int signal) {
  int none = 0;
  first_signal.compare_exchange_strong(none, signal);
  if (cairn::Reversal* run = to_be_stopped) run->request_stop();
}

}  // namespace

StopSignals::StopSignals() {
  first_signal = 0;
  for (const int signal : {SIGTERM, SIGUSR1, SIGUSR2, SIGINT}) {
    struct sigaction action {};
    action.sa_handler = ask_to_stop;
    action.sa_flags = SA_RESTART;  // no system call fails for it
    if (signal == SIGINT) action.sa_flags |= SA_RESETHAND;
    Before& before = before_.emplace_back(Before{.signal = signal, .action = {}});
    if (::sigaction(signal, &action, &before.action) != 0) throw std::logic_error{"a signal that cannot be handled"};
  }
}

StopSignals::~StopSignals() {
  to_be_stopped = nullptr;
}

void StopSignals::as_before() {
  for (const Before& before : before_) ::sigaction(before.signal, &before.action, nullptr);
}

void StopSignals::pass_to(cairn::Reversal& run) {
  to_be_stopped = &run;
  if (first_signal != 0) run.request_stop();
}

const char* StopSignals::received() {
  switch (first_signal) {
    case SIGTERM: return "SIGTERM";
    case SIGUSR1: return "SIGUSR1";
    case SIGUSR2: return "SIGUSR2";
    case SIGINT: return "SIGINT";
    default: return "";
  }
}

}  // namespace acoustic
