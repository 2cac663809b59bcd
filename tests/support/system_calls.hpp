// SPDX-License-Identifier: BSD-3-Clause
/// How many system calls a piece of code makes, counted by the kernel and not by timing (Linux 5.11, x86-64).
#pragma once

#include <atomic>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

namespace cairn::test {

namespace detail {
inline volatile char calls_are = SYSCALL_DISPATCH_FILTER_ALLOW;  // what the kernel looks at before each call
inline std::atomic<int> calls_counted = 0;

/// The call was stopped; it is counted and made after all.
inline void count_and_make(int, siginfo_t*, void* context) {
  calls_are = SYSCALL_DISPATCH_FILTER_ALLOW;
  ++calls_counted;
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const long result = ::syscall(registers[REG_RAX], registers[REG_RDI], registers[REG_RSI], registers[REG_RDX],
                                registers[REG_R10], registers[REG_R8], registers[REG_R9]);
  registers[REG_RAX] = result < 0 ? -errno : result;
}
}  // namespace detail

/// Does `work` make a system call in this thread? Returns the number up to the first: 0 or 1.
template <class Work>
int system_calls_of(const Work& work) {
  struct sigaction counting {};
  struct sigaction before {};
  counting.sa_sigaction = detail::count_and_make;
  counting.sa_flags = SA_SIGINFO;
  ::sigaction(SIGSYS, &counting, &before);
  if (::prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &detail::calls_are) != 0)
    throw std::runtime_error{"the kernel cannot stop system calls of a thread; Linux 5.11 can"};
  detail::calls_counted = 0;
  detail::calls_are = SYSCALL_DISPATCH_FILTER_BLOCK;
  work();
  detail::calls_are = SYSCALL_DISPATCH_FILTER_ALLOW;
  ::prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0);
  ::sigaction(SIGSYS, &before, nullptr);
  return detail::calls_counted;
}

}  // namespace cairn::test
