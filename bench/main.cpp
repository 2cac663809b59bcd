// SPDX-License-Identifier: BSD-3-Clause
// cairn_bench: measures storage and executors, each beside its baseline, in turns, in one run.
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <machine.hpp>
#include <scratch_folder.hpp>
#include <settings.hpp>
#include <table.hpp>

namespace {

using cairn::bench::Machine;
using cairn::bench::ScratchFolder;
using cairn::bench::Settings;
using cairn::bench::Table;

struct Options {
  Settings settings;
  std::string folder = "scratch";
  std::string json;
  std::string markdown;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("--folder", options.folder, "where files are written, up to 2 GB; made if it is not there")
      ->capture_default_str();
  app.add_option("--rounds", options.settings.rounds, "how often each way is timed")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--filter", options.settings.filter, "only groups whose heading contains this");
  app.add_flag("--quick", options.settings.quick, "small sizes, a few seconds: shows that it runs, not how fast");
  app.add_option("--json", options.json, "write the figures to this file as well");
  app.add_option("--markdown", options.markdown, "and to this page, between its lines for figures");
}

void measure_all(const Settings& settings, Table& table) {
  for (const auto& measure :
       {cairn::bench::measure_ram_tier, cairn::bench::measure_hdf5_tier, cairn::bench::measure_lane,
        cairn::bench::measure_schedules, cairn::bench::measure_executors}) {
    const std::size_t before = table.lines().size();
    measure(settings, table);
    fmt::print("{}", table.text(before));
    std::fflush(stdout);
  }
}

int run(Options& options, const std::string& command) {
  const ScratchFolder folder{options.folder, "cairn_bench"};
  options.settings.folder = folder.path();
  const Machine machine = cairn::bench::this_machine(folder.path(), command);
  fmt::print(
      "{}\nMedians of {} rounds in turns. Ratio: speed over the baseline's, above 1 is faster; median (least…most) "
      "of the rounds.\nGB: 10^9 bytes. CPU: seconds of the process a GB, the kernel's own threads not counted.\n",
      cairn::bench::text_of(machine), options.settings.rounds);
  Table table;
  measure_all(options.settings, table);
  if (table.lines().empty())
    throw std::invalid_argument{fmt::format("--filter: no group contains \"{}\"", options.settings.filter)};
  if (!options.json.empty())
    cairn::bench::write_text(options.json, table.json(machine, options.settings.rounds, options.settings.quick));
  if (!options.markdown.empty()) cairn::bench::write_figures(options.markdown, table.markdown(machine));
  return 0;
}

}  // namespace

int main(int count, char** words) {
  CLI::App app{"Measure storage and executors, each beside its baseline, in turns, in one run."};
  Options options;
  add_options(app, options);
  CLI11_PARSE(app, count, words);
  try {
    return run(options, cairn::bench::command_of(count, words));
  } catch (const std::exception& failure) {
    fmt::print(stderr, "cairn_bench: {}\n", failure.what());
    return 1;
  }
}
