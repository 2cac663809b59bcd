// SPDX-License-Identifier: BSD-3-Clause
// cairn_end_to_end: the same gradient in the same RAM by every way that there is, in turns, in one run.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <end_to_end_case.hpp>
#include <end_to_end_table.hpp>
#include <fmt/format.h>
#include <machine.hpp>
#include <scratch_folder.hpp>
#include <table.hpp>

namespace {

using cairn::Slots;
using cairn::Step;
using cairn::bench::CaseFigures;
using cairn::bench::Machine;

struct Options {
  std::string velocity;
  std::vector<acoustic::Index> shape;
  double spacing = 0;
  Step steps = 1000;
  std::vector<Slots> buffers{10};
  Slots slots = 0;
  int rounds = 5;
  cairn::Verify verify = cairn::Verify::disk;
  std::string folder = "scratch";
  std::string filter;
  std::string json;
  std::string markdown;
  bool quick = false;
};

void add_model_options(CLI::App& app, Options& options) {
  auto* velocity = app.add_option("--velocity", options.velocity,
                                  "a second model, beside the built-in one: raw float32 velocities in km/s, x slow, z "
                                  "fast")
                       ->type_name("FILE");
  auto* shape = app.add_option("--shape", options.shape, "its cells in x and z")
                    ->delimiter(',')
                    ->expected(2)
                    ->check(CLI::Range(acoustic::least_model_cells, acoustic::Index{1} << 20))
                    ->type_name("NX,NZ");
  auto* spacing = app.add_option("--spacing", options.spacing, "metres between its cells")->type_name("METRES");
  velocity->needs(shape)->needs(spacing);
  app.add_option("--steps", options.steps, "time steps n")
      ->capture_default_str()
      ->check(CLI::Range(Step{2}, Step{100'000}))
      ->type_name("N");
}

void add_options(CLI::App& app, Options& options) {
  add_model_options(app, options);
  app.add_option("--buffers", options.buffers,
                 "snapshots that fit into RAM, all ways have the same; for several, e.g. "
                 "10,25,100, all is measured for each")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::Range(Slots{2}, cairn::limits::slots));
  app.add_option("--slots", options.slots, "snapshots that fit into the file beside it [as many as states]")
      ->check(CLI::Range(Slots{1}, cairn::limits::slots));
  app.add_option("--rounds", options.rounds, "how often each way is timed")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--verify", options.verify, "checksums of snapshots in the file: disk or never [disk]")
      ->transform(CLI::CheckedTransformer(std::vector<std::pair<std::string, cairn::Verify>>{
          {"disk", cairn::Verify::disk}, {"never", cairn::Verify::never}}));
  app.add_option("--folder", options.folder, "where files are written; made if it is not there")->capture_default_str();
  app.add_option("--filter", options.filter, "only ways whose name contains this, and synchronous revolve");
  app.add_flag("--quick", options.quick, "a small model and few steps, seconds: shows that it runs, not how fast");
  app.add_option("--json", options.json, "write the figures to this file as well");
  app.add_option("--markdown", options.markdown, "and to this page, between its lines for them");
}

std::vector<acoustic::Model> models_of(const Options& options) {
  std::vector<acoustic::Model> models;
  const acoustic::Extent large{801, 401}, small{64, 48};
  models.push_back(acoustic::built_in_model(options.quick ? small : large, 10));
  if (!options.velocity.empty())
    models.push_back(acoustic::read_model(options.velocity, {options.shape[0], options.shape[1]}, options.spacing));
  return models;
}

std::vector<CaseFigures> measure_all(const Options& options, const std::filesystem::path& folder) {
  std::vector<CaseFigures> cases;
  const std::vector<acoustic::Model> models = models_of(options);
  for (std::size_t i = 0; i < models.size(); ++i) {
    const std::string name = i == 0 ? "built-in" : std::filesystem::path{options.velocity}.stem().string();
    cairn::bench::AcousticGradient gradient{name, models[i], options.steps};
    for (const Slots buffers : options.buffers) {
      cases.push_back(cairn::bench::measure_case(gradient,
                                                 {.steps = options.steps,
                                                  .buffers = buffers,
                                                  .slots = options.slots > 0 ? options.slots : options.steps + 1,
                                                  .verify = options.verify,
                                                  .folder = folder},
                                                 options.rounds, options.filter));
      fmt::print("{}", cairn::bench::text_of(cases.back()));
      std::fflush(stdout);
    }
  }
  return cases;
}

// 1: a way computed another gradient.
int run(const Options& options, const std::string& command) {
  const cairn::bench::ScratchFolder folder{options.folder, "cairn_end_to_end"};
  const Machine machine = cairn::bench::this_machine(folder.path(), command);
  fmt::print("{}\nMedians of {} rounds in turns. docs/performance.md says what the columns mean.\n",
             cairn::bench::text_of(machine), options.rounds);
  const std::vector<CaseFigures> cases = measure_all(options, folder.path());
  if (!options.json.empty())
    cairn::bench::write_text(options.json, cairn::bench::json_of(machine, cases, options.rounds, options.quick));
  const bool equal =
      std::ranges::all_of(cases, [](const CaseFigures& figures) { return figures.other_gradients.empty(); });
  if (!equal) {
    fmt::print(stderr, "cairn_end_to_end: not all gradients are equal; no page is written\n");
    return 1;
  }
  if (!options.markdown.empty())
    cairn::bench::write_figures(options.markdown, cairn::bench::markdown_of(machine, cases),
                                cairn::bench::end_to_end_mark);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  CLI::App app{"The acoustic example's gradient by every way that there is, in the same RAM, in turns, in one run."};
  Options options;
  add_options(app, options);
  try {
    app.parse(count, words);
    if (options.quick && app.count("--steps") == 0) options.steps = 60;
    if (options.quick && app.count("--rounds") == 0) options.rounds = 2;
    return run(options, cairn::bench::command_of(count, words));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "cairn_end_to_end: {}\n", failure.what());
    return 1;
  }
}
