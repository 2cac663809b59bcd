// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/lane_thread.hpp>
#include <cairn/storage/log.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace cairn {
namespace {

/// A mask of processors, as long as the kernel's longest.
class Mask {
 public:
  static constexpr int most = 8192;
  static Mask of_all() {
    Mask mask;
    mask.bytes_.fill(0xFF);
    return mask;
  }
  static Mask of(std::span<const int> cpus) {
    Mask mask;
    for (const int cpu : cpus) CPU_SET_S(static_cast<std::size_t>(cpu), sizeof bytes_, mask.set());
    return mask;
  }
  static Mask of_this_thread() {
    Mask mask;
    ::sched_getaffinity(0, sizeof bytes_, mask.set());
    return mask;
  }
  /// For this thread; the kernel keeps those that it may use at all, and refuses (false) where none is left.
  bool apply() { return ::sched_setaffinity(0, sizeof bytes_, set()) == 0; }
  std::vector<int> cpus() {
    std::vector<int> cpus;
    for (int cpu = 0; cpu < most; ++cpu)
      if (CPU_ISSET_S(static_cast<std::size_t>(cpu), sizeof bytes_, set())) cpus.push_back(cpu);
    return cpus;
  }

 private:
  cpu_set_t* set() { return reinterpret_cast<cpu_set_t*>(bytes_.data()); }
  alignas(cpu_set_t) std::array<unsigned char, most / 8> bytes_{};
};

void choose_processors(const std::vector<int>& cpus, bool tied) {
  if (cpus.empty() && !tied) return;
  Mask mask = cpus.empty() ? Mask::of_all() : Mask::of(cpus);
  if (!mask.apply() && !cpus.empty())
    log(spdlog::level::warn, "lane: the system refuses processors {}: {}; it runs where it was started",
        fmt::join(cpus, ", "), std::strerror(errno));
}

void add_niceness(int more) {
  if (more == 0) return;
  const auto thread = static_cast<id_t>(::gettid());  // Linux: the niceness is a thread's own
  const int before = ::getpriority(PRIO_PROCESS, thread);
  if (::setpriority(PRIO_PROCESS, thread, before + more) != 0)
    log(spdlog::level::warn, "lane: the system refuses niceness {}: {}; it stays at {}", before + more,
        std::strerror(errno), before);
}

}  // namespace

std::vector<int> usable_cpus() {
  std::vector<int> cpus;
  const SignalsBlocked blocked;
  std::jthread{[&] {  // a mask is a thread's own: the caller's stays as it is
    Mask::of_all().apply();
    cpus = Mask::of_this_thread().cpus();
  }}
      .join();
  return cpus;
}

std::vector<int> current_cpus() {
  return Mask::of_this_thread().cpus();
}

void check_lane(const LaneSetting& setting, std::span<const int> usable) {
  for (const int cpu : setting.cpus)
    if (std::ranges::find(usable, cpu) == usable.end())
      throw std::invalid_argument{
          fmt::format("lane: this process may not use processor {}; it may use {}", cpu, fmt::join(usable, ", "))};
}

void check_lane(const LaneSetting& setting) {
  if (!setting.cpus.empty()) check_lane(setting, usable_cpus());
}

SignalsBlocked::SignalsBlocked() {
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsBlocked::~SignalsBlocked() {
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool threads_are_tied() {
  const char* bind = std::getenv("OMP_PROC_BIND");
  if (bind != nullptr) return ::strcasecmp(bind, "false") != 0;
  return std::getenv("GOMP_CPU_AFFINITY") != nullptr || std::getenv("OMP_PLACES") != nullptr;
}

void settle_thread(const LaneSetting& setting, bool tied, const char* name) {
  ::pthread_setname_np(::pthread_self(), name);
  choose_processors(setting.cpus, tied);
  add_niceness(setting.nice);
}

}  // namespace cairn
