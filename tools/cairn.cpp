// SPDX-License-Identifier: BSD-3-Clause
// The command line: cairn plan, cairn measure, cairn inspect, cairn repair. Exit codes: 0; 1 bad snapshots or a file
// that cannot be read; 2 usage.
#include "inspect.hpp"
#include "measure.hpp"
#include "plan.hpp"
#include "repair.hpp"

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

namespace {

constexpr const char* program_help =
    R"(Plan reversals of long simulations, measure storage, and look into the files that hold their snapshots.
Usage: cairn COMMAND ...

  plan       show what a schedule would cost, without running anything
  measure    show what snapshots cost on the tiers of a configuration
  inspect    show what the file of an mmap or hdf5 tier holds
  repair     set such a file right after a kill or a loss of power

  --help     this text; cairn COMMAND --help for each command
  --version  the version of cairn

Exit codes: 0; 1 where a file cannot be read or written or has bad snapshots; 2 where the command or its input is wrong.
)";

constexpr const char* plan_help = R"(Show what a schedule would cost, without running anything.
Usage: cairn plan CONFIG --steps N [--snapshot-bytes B] [--compare] [--json | --actions]
       cairn plan --slots S,... --steps N [--schedule NAME | --compare] [--json | --actions]
For instance: cairn plan config/laptop.yaml --steps 1000 --snapshot-bytes 5000000

  CONFIG              tiers, costs and schedule: the file that a run takes
  --steps N           time steps to reverse; forward(N) runs the plan of N+1
  --snapshot-bytes B  bytes of one state, rounded up to 4096; needed where CONFIG has a capacity that is a size

  --schedule NAME     auto (the default: the cheapest), overlap, hrevolve, disk_revolve, multistage, revolve, periodic,
                      store_all or online; in place of CONFIG's
  --compare           all of them in one table, fastest first where costs are given, else cheapest first
  --slots S,...       snapshots that each level can hold, fastest first, where there is no CONFIG; level 0 is RAM, and has
                      one buffer more for copies where there are other levels
  --devices D,...     the device of each level; levels with the same number share one, which does one thing at a time;
                      not given: those of CONFIG's folders, or one for each level
  --period D          steps between the snapshots at the last level, of periodic

  --save-cost W,...   cost of storing a snapshot at each level: seconds to save one / seconds of one forward step;
                      not given: CONFIG's, or 0; overlap, hrevolve and disk_revolve need it
  --load-cost R,...   cost of reading one back, likewise
  --turn-cost U       cost of the taped run and reversal of one step; not given: CONFIG's, or 0

  --stored T:K,...    plan from these snapshots, x_T at level K, x_0 among them; no state is live
  --turned T          with --stored: steps T to N-1 are turned already

  --json              one JSON object in place of the table
  --actions           the plan itself, one action a line, in place of the table
  --figure FILE.svg   draw the plan as well, of at most 300 steps
)";

constexpr const char* measure_help =
    R"(Show what snapshots cost on the tiers of a configuration, on this machine, and write it down for cairn plan.
Usage: cairn measure CONFIG --snapshot-bytes B [--rounds N] [--advance TIME] [--json] [--write FILE.yaml [--force]]
For instance: cairn measure config/laptop.yaml --snapshot-bytes 5000000 --advance "3 ms" --write measured.yaml

  CONFIG              tiers and promises: the file that a run takes. The files of its tiers are not touched: others are
                      made beside them, of at most 3 slots, and gone at the end
  --snapshot-bytes B  bytes of one state; it is measured as one array. Two are held in memory
  --rounds N          saves and loads at each tier, of which the medians are shown; 5 where not given. One more warms up

  --advance TIME      the time of one forward step, such as "3 ms" or "0.5 s", in place of CONFIG's costs.advance;
                      costs are seconds of storage / seconds of one forward step
  --write FILE.yaml   CONFIG with save_cost and load_cost of each tier and costs.advance as they were measured or given,
                      and without its comments: cairn plan FILE.yaml --steps N --snapshot-bytes B plans with them
  --force             with --write: replace a file that is there, be it CONFIG itself

  --json              one JSON object in place of the table
)";

constexpr const char* inspect_help =
    R"(Show what the file of an mmap or hdf5 tier holds: beside a run, after it, or after a kill.
Usage: cairn inspect FILE [--verify] [--all] [--json]       for instance: cairn inspect scratch/laptop.h5 --verify

  FILE      the path that the tier has in the configuration
  --verify  read every valid snapshot and check its sum; exit code 1 where one is bad
  --all     list every slot in use; else a long list is shortened
  --json    one JSON object, complete
)";

constexpr const char* repair_help =
    R"(Set the files of mmap and hdf5 tiers right after a kill or a loss of power, and say what was and was not saved.
Usage: cairn repair FILE... [--shared] [--dry-run] [--all] [--json]
       cairn repair --shared [--dry-run] [--json]
For instance: cairn repair scratch/laptop.map scratch/laptop.h5

  FILE       the path that the tier has in the configuration, or /dev/shm/cairn.NAME; no run may be using it
  --shared   list your shared memory: whose run lives, what a run with resume: true can go on from, and what is of no
             more use to anybody, which is reclaimed; the rest is left alone
  --dry-run  change nothing, say what would be done; exit code 1 where there is something
  --all      list every slot in use; else a long list has only those that something is wrong with
  --json     one JSON object, complete

A torn slot is marked empty: its save was cut short, its row is damaged, or its bytes are not those that were saved. A
valid snapshot is never touched, nor is one that cannot be read now. A run with resume: true needs no repair before it.
)";

void say_exactly(CLI::App& app, const char* help) {
  app.formatter_fn([help](const CLI::App*, const std::string&, CLI::AppFormatMode) { return std::string{help}; });
}

void declare(CLI::App& app, cairn::tool::PlanOptions& options) {
  say_exactly(app, plan_help);
  app.add_option("CONFIG", options.config);
  app.add_option("--steps", options.steps)->required();
  app.add_option("--snapshot-bytes", options.snapshot_bytes);
  app.add_option("--schedule", options.schedule);
  app.add_option("--slots", options.slots);
  app.add_option("--devices", options.devices);
  app.add_option("--period", options.period);
  app.add_option("--save-cost", options.save_cost);
  app.add_option("--load-cost", options.load_cost);
  app.add_option("--turn-cost", options.turn_cost);
  app.add_flag("--compare", options.compare);
  app.add_option("--stored", options.stored);
  app.add_option("--turned", options.turned);
  app.add_flag("--json", options.json);
  app.add_flag("--actions", options.actions);
  app.add_option("--figure", options.figure);
}

void declare(CLI::App& app, cairn::tool::MeasureOptions& options) {
  say_exactly(app, measure_help);
  app.add_option("CONFIG", options.config)->required();
  app.add_option("--snapshot-bytes", options.snapshot_bytes)->required();
  app.add_option("--rounds", options.rounds);
  app.add_option("--advance", options.advance);
  app.add_option("--write", options.write);
  app.add_flag("--force", options.force);
  app.add_flag("--json", options.json);
}

void declare(CLI::App& app, cairn::tool::InspectOptions& options) {
  say_exactly(app, inspect_help);
  app.add_option("FILE", options.file)->required();
  app.add_flag("--verify", options.verify);
  app.add_flag("--all", options.all);
  app.add_flag("--json", options.json);
}

void declare(CLI::App& app, cairn::tool::RepairOptions& options) {
  say_exactly(app, repair_help);
  app.add_option("FILE", options.files);
  app.add_flag("--shared", options.shared);
  app.add_flag("--dry-run", options.dry_run);
  app.add_flag("--all", options.all);
  app.add_flag("--json", options.json);
}

int failed(const char* what, int code) {
  std::fprintf(stderr, "cairn: %s\n", what);
  return code;
}

/// What was asked for, as it was typed.
struct Commands {
  cairn::tool::PlanOptions plan;
  cairn::tool::MeasureOptions measure;
  cairn::tool::InspectOptions inspect;
  cairn::tool::RepairOptions repair;
};

int run_command(const std::string& command, const Commands& asked) {
  if (command == "inspect") return cairn::tool::inspect(asked.inspect);
  if (command == "repair") return cairn::tool::repair(asked.repair);
  command == "plan" ? cairn::tool::plan(asked.plan) : cairn::tool::measure(asked.measure);
  return 0;
}

bool is_command(std::string_view word) {
  return word == "plan" || word == "measure" || word == "inspect" || word == "repair";
}

int run(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (!command.empty() && command[0] != '-' && !is_command(command))
    throw std::invalid_argument{'"' + command +
                                "\" is not a command; there are plan, measure, inspect and repair, see cairn --help"};
  CLI::App app;
  say_exactly(app, program_help);
  app.set_version_flag("--version", "cairn " CAIRN_VERSION);
  app.require_subcommand(1);
  Commands asked;
  declare(*app.add_subcommand("plan"), asked.plan);
  declare(*app.add_subcommand("measure"), asked.measure);
  declare(*app.add_subcommand("inspect"), asked.inspect);
  declare(*app.add_subcommand("repair"), asked.repair);
  const auto asked_command = [&] {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? std::string{} : parsed[0]->get_name();
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked_for_help) {
    return app.exit(asked_for_help);
  } catch (const CLI::ParseError& wrong) {
    const std::string program = asked_command().empty() ? "cairn" : "cairn " + asked_command();
    return failed((wrong.what() + ("; see " + program + " --help")).c_str(), 2);
  }
  return run_command(asked_command(), asked);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::invalid_argument& wrong) {
    return failed(wrong.what(), 2);
  } catch (const std::exception& failure) {
    return failed(failure.what(), 1);
  }
}
