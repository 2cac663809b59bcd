// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <cstddef>
#include <map>
#include <stdexcept>

#include <benchmark/benchmark.h>
#include <micro.hpp>

namespace cairn::bench {
namespace {

/// Takes the repetitions as they are; prints nothing.
class Collector final : public benchmark::BenchmarkReporter {
 public:
  explicit Collector(const std::vector<MicroWay>& ways) : ways_{&ways}, rounds_(ways.size()) {
    for (std::size_t i = 0; i < ways.size(); ++i) number_[ways[i].name] = i;
  }
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      const std::size_t way = number_.at(run.run_name.function_name);
      const double actions = static_cast<double>(run.iterations) * static_cast<double>((*ways_)[way].actions);
      rounds_[way].push_back({run.real_accumulated_time / actions, run.cpu_accumulated_time / actions});
    }
  }
  const std::vector<Rounds>& rounds() const { return rounds_; }

 private:
  const std::vector<MicroWay>* ways_;
  std::map<std::string, std::size_t> number_;
  std::vector<Rounds> rounds_;
};

void initialise_once() {
  static const bool done = [] {
    std::array<char, 12> program{"cairn_bench"};
    std::array<char, 48> interleaving{"--benchmark_enable_random_interleaving=true"};
    std::array<char*, 3> arguments{program.data(), interleaving.data(), nullptr};
    int count = 2;
    benchmark::Initialize(&count, arguments.data());
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace

std::vector<Rounds> measure_micro(const std::vector<MicroWay>& ways, int rounds, double least_seconds) {
  initialise_once();
  benchmark::ClearRegisteredBenchmarks();
  for (const MicroWay& way : ways)
    benchmark::RegisterBenchmark(way.name.c_str(),
                                 [&way](benchmark::State& state) {
                                   for ([[maybe_unused]] auto iteration : state) way.run();
                                 })
        ->Repetitions(rounds)
        ->MinTime(least_seconds)
        ->UseRealTime();
  Collector collector{ways};
  benchmark::RunSpecifiedBenchmarks(&collector, ".");
  for (const Rounds& measured : collector.rounds())
    if (measured.size() != static_cast<std::size_t>(rounds)) throw std::runtime_error{"a repetition is missing"};
  return collector.rounds();
}

}  // namespace cairn::bench
