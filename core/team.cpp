// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/team.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>

// Null where the program has no OpenMP. GOMP_parallel is what GCC makes of "#pragma omp parallel". 0 threads: as many
// as a region has that asks for no number.
extern "C" {
[[gnu::weak]] void GOMP_parallel(void (*body)(void*), void* of, unsigned threads, unsigned flags);
[[gnu::weak]] int omp_get_thread_num();
[[gnu::weak]] int omp_get_num_threads();
}

namespace cairn {
namespace {

bool has_openmp() {
  return GOMP_parallel != nullptr && omp_get_thread_num != nullptr && omp_get_num_threads != nullptr;
}

/// The system's numbers of this process's threads; empty where it does not tell.
std::set<std::string> threads_of_this_process() {
  std::set<std::string> threads;
  std::error_code problem;
  for (std::filesystem::directory_iterator task{"/proc/self/task", problem}, end; !problem && task != end;
       task.increment(problem))
    threads.insert(task->path().filename());
  return problem ? std::set<std::string>{} : threads;
}

}  // namespace

Team Team::of_this_thread() {
  if (!has_openmp()) return {};
  int threads = 1;
  auto count = [&](int thread, int of) {
    if (thread == 0) threads = of;
  };
  const std::set<std::string> before = threads_of_this_process();
  Team{}.run(count);
  const std::set<std::string> after = threads_of_this_process();
  const bool none_started = !after.empty() && std::ranges::includes(before, after);
  return none_started ? Team{threads} : Team{};
}

void Team::begin(void (*body)(void* of, int thread, int threads), void* of) {
  struct Region {
    void (*body)(void* of, int thread, int threads);
    void* of;
  } region{body, of};
  GOMP_parallel(
      [](void* data) {
        const auto& [run, on] = *static_cast<const Region*>(data);
        run(on, omp_get_thread_num(), omp_get_num_threads());
      },
      &region, 0, 0);
}

}  // namespace cairn
