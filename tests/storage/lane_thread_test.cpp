// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/lane.hpp>
#include <cairn/storage/lane_thread.hpp>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <support/failures.hpp>
#include <support/gate_tier.hpp>
#include <support/layouts.hpp>
#include <support/threads.hpp>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cairn {
namespace {

/// Sets a variable of the environment, and puts back what it was.
class Environment {
 public:
  Environment(std::string name, const char* value) : name_{std::move(name)} {
    if (const char* before = std::getenv(name_.c_str())) before_ = std::make_unique<std::string>(before);
    value ? ::setenv(name_.c_str(), value, 1) : ::unsetenv(name_.c_str());
  }
  ~Environment() { before_ ? ::setenv(name_.c_str(), before_->c_str(), 1) : ::unsetenv(name_.c_str()); }

 private:
  std::string name_;
  std::unique_ptr<std::string> before_;
};

/// The processors that this thread may use now.
std::vector<int> processors() {
  cpu_set_t mask;
  ::sched_getaffinity(0, sizeof mask, &mask);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &mask)) cpus.push_back(cpu);
  return cpus;
}

void tie_to(int cpu) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  CPU_SET(static_cast<std::size_t>(cpu), &mask);
  ::sched_setaffinity(0, sizeof mask, &mask);
}

int niceness() {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
}

/// Looks around from inside a transfer of a lane with that setting.
void in_a_transfer(const LaneSetting& setting, const std::function<void()>& look) {
  const Layout layout = test::small_fields();
  Pool pool{1, layout.buffer_bytes()};
  pool.touch(1);
  test::GateTier tier{layout, 1};
  tier.at_a_transfer = look;
  Lane lane{setting};
  lane.save(tier, Slot{0}, 1, pool.take());
  lane.drain();
}

/// Those that a lane may use that a thread tied to one processor starts.
std::vector<int> processors_of_a_lane(const LaneSetting& setting, int starter_on) {
  std::vector<int> cpus;
  test::Watched starter{[&] {
    tie_to(starter_on);
    in_a_transfer(setting, [&] { cpus = processors(); });
  }};
  starter.join();
  return cpus;
}

TEST(LaneThread, RunsOnTheProcessorsThatAreGivenAndNoOthers) {
  const std::vector<int> usable = usable_cpus();
  for (const int cpu : usable) {
    EXPECT_EQ(processors_of_a_lane({.cpus = {cpu}}, usable.front()), std::vector{cpu});
    const Environment tied{"OMP_PROC_BIND", "true"};
    EXPECT_EQ(processors_of_a_lane({.cpus = {cpu}}, usable.front()), std::vector{cpu}) << "whatever OpenMP does";
  }
  EXPECT_EQ(processors_of_a_lane({.cpus = usable}, usable.front()), usable);
}

TEST(LaneThread, StaysWhereTheStartingThreadMayRunWhereNothingIsGiven) {
  const Environment no_bind{"OMP_PROC_BIND", nullptr}, no_list{"GOMP_CPU_AFFINITY", nullptr},
      no_places{"OMP_PLACES", nullptr};
  for (const int cpu : usable_cpus()) EXPECT_EQ(processors_of_a_lane({}, cpu), std::vector{cpu});
}

TEST(LaneThread, MayRunOnAllProcessorsWhereOpenMpTiesThreads) {
  const std::vector<int> all = usable_cpus();
  const std::vector<int> one{all.front()};
  const Environment no_bind{"OMP_PROC_BIND", nullptr}, no_list{"GOMP_CPU_AFFINITY", nullptr},
      no_places{"OMP_PLACES", nullptr};
  for (const auto& [name, value, expected] : {std::tuple{"OMP_PROC_BIND", "true", all},
                                              {"OMP_PROC_BIND", "close", all},
                                              {"GOMP_CPU_AFFINITY", "0-1", all},
                                              {"OMP_PLACES", "cores", all},
                                              {"OMP_PROC_BIND", "false", one}}) {
    const Environment set{name, value};
    EXPECT_EQ(processors_of_a_lane({}, one.front()), expected) << name << "=" << value;
  }
}

TEST(LaneThread, KnowsTheUsableProcessorsFromAnyThreadAndLeavesItsMaskAsItIs) {
  const std::vector<int> usable = usable_cpus();
  ASSERT_FALSE(usable.empty());
  std::vector<int> seen, mask;
  test::Watched asked{[&] {
    tie_to(usable.back());
    seen = usable_cpus();
    mask = processors();
  }};
  asked.join();
  EXPECT_EQ(seen, usable) << "the machine's, not the thread's";
  EXPECT_EQ(mask, std::vector{usable.back()});
  for (const int cpu : usable) EXPECT_EQ(processors_of_a_lane({.cpus = {cpu}}, usable.back()), std::vector{cpu});
}

TEST(LaneThread, NamesAProcessorThatTheProcessMayNotUse) {
  const std::vector<int> usable{0, 1, 4};
  EXPECT_NO_THROW(check_lane({}, usable));
  EXPECT_NO_THROW(check_lane({.cpus = {4, 0}}, usable));
  EXPECT_EQ(test::text_of<std::invalid_argument>([&] {
              check_lane({.cpus = {1, 3, 7}}, usable);
            }),
            "lane: this process may not use processor 3; it may use 0, 1, 4");
  for (const int none : {-1, 8191, 100'000})
    EXPECT_EQ(test::text_of<std::invalid_argument>([&] {
                Lane{{.cpus = {none}}};
              }).find("lane: this process may not use processor " + std::to_string(none) + ";"),
              0U);
}

TEST(LaneThread, IsAsNiceAsTheStartingThreadAndWhatIsAdded) {
  const int mine = niceness();
  for (const int more : {0, 3, 19}) {
    int seen = -1;
    in_a_transfer({.nice = more}, [&] { seen = niceness(); });
    EXPECT_EQ(seen, std::min(mine + more, 19)) << more;
  }
  EXPECT_EQ(niceness(), mine) << "the starting thread stays as it is";
}

/// Takes from this thread the right to be less nice than it is.
void give_up_priority() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  ::syscall(SYS_capget, &header, data);
  data[0].effective &= ~(1U << CAP_SYS_NICE);
  ::syscall(SYS_capset, &header, data);
}

TEST(LaneThread, LogsANicenessThatIsRefusedAndWorksOn) {
  std::ostringstream lines;
  const auto logger =
      std::make_shared<spdlog::logger>("cairn", std::make_shared<spdlog::sinks::ostream_sink_st>(lines));
  logger->set_pattern("%l: %v");
  spdlog::register_logger(logger);
  const int mine = niceness();
  int seen = -100;
  test::Watched starter{[&] {
    give_up_priority();
    in_a_transfer({.nice = -3}, [&] { seen = niceness(); });
  }};
  starter.join();
  spdlog::drop("cairn");
  EXPECT_EQ(seen, mine);
  EXPECT_EQ(lines.str(), "warning: lane: the system refuses niceness " + std::to_string(mine - 3) +
                             ": Permission denied; it stays at " + std::to_string(mine) + "\n");
}

TEST(LaneThread, HasANameAndLeavesSignalsToTheUsersThreads) {
  std::string name(16, '\0');
  int blocked = 0;
  in_a_transfer({}, [&] {
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGALRM, SIGCHLD}) blocked += sigismember(&mask, signal);
  });
  EXPECT_STREQ(name.c_str(), "cairn-lane");
  EXPECT_EQ(blocked, 5);
  sigset_t mine;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  EXPECT_EQ(sigismember(&mine, SIGINT), 0) << "the starting thread's mask is as before";
}

}  // namespace
}  // namespace cairn
