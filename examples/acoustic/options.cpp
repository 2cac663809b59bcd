// SPDX-License-Identifier: BSD-3-Clause
#include "options.hpp"

#include <limits>

#include <CLI/CLI.hpp>

namespace acoustic {

void declare(CLI::App& app, Options& options) {
  app.description(
      "The gradient of a least-squares misfit by the velocities, for one shot of the 2-D acoustic wave equation,\n"
      "on a trajectory that need not fit into memory.");
  app.footer(
      "Exit code: 0 done, 1 the run or a check failed, 2 command line, configuration or model are wrong, 75 stopped.\n"
      "With a tier in a file, SIGTERM, SIGUSR1, SIGUSR2 and the first SIGINT (Ctrl-C) stop the run, as stop_after of "
      "the\n"
      "configuration does: what is needed to go on is stored, and the same command with --resume goes on.\n\n"
      "for instance:  acoustic --config config/laptop.yaml --steps 1000 --check");
  app.add_option("--config", options.config, "YAML file: schedule, tiers and their capacities")
      ->required()
      ->type_name("FILE");
  auto* velocity = app.add_option("--velocity", options.velocity,
                                  "raw float32 velocities in km/s, x slow, z fast; "
                                  "without it, water over dipping layers and a lens")
                       ->type_name("FILE");
  auto* shape = app.add_option("--shape", options.shape, "cells in x and z [801,401]")
                    ->delimiter(',')
                    ->expected(2)
                    ->check(CLI::Range(least_model_cells, Index{1} << 20))
                    ->type_name("NX,NZ");
  auto* spacing = app.add_option("--spacing", options.spacing, "metres between cells [10]")->type_name("METRES");
  velocity->needs(shape)->needs(spacing);
  app.add_option("--frequency", options.frequency,
                 "peak of the source's Ricker wavelet [what the spacing resolves at the least velocity]")
      ->type_name("HERTZ");
  app.add_option("--steps", options.steps, "time steps [1000]")
      ->check(CLI::Range(cairn::Step{1}, cairn::limits::steps - 1))
      ->type_name("N");
  app.add_flag("--check", options.check,
               "prove the gradient by dot products and Taylor remainders; exit 1 if one fails");
  app.add_flag("--store-all", options.store_all, "keep every state in RAM, whatever the configuration says");
  app.add_flag("--sequential", options.sequential, "one thread, no overlap: the plain executor");
  app.add_flag("--trace", options.trace, "say on standard error what cairn does, and each step and turn it asks for");
  auto* resume = app.add_flag("--resume", options.resume,
                              "go on with the run that was stopped or killed, where there is one; else begin");
  app.add_flag("--overwrite", options.overwrite, "begin anew, also where the files hold a run that has not ended")
      ->excludes(resume);
  app.add_option("--out", options.out, "folder for gradient.h5, gradient.png, report.json [out/acoustic]")
      ->type_name("DIR");
}

cairn::Config config_of(const Options& options) {
  cairn::Config config = cairn::Config::from_file(options.config);
  if (options.store_all) {
    cairn::Config all;
    all.schedule = cairn::ScheduleKind::store_all;
    all.tiers = {{.kind = cairn::TierKind::ram, .capacity = cairn::Capacity::of_slots(options.steps)}};
    all.verify = config.verify;
    all.executor = config.executor;
    config = all;
  }
  if (options.sequential) config.executor = cairn::ExecutorKind::sequential;
  if (options.resume || options.overwrite) {
    config.resume = options.resume;
    config.overwrite = options.overwrite;
  }
  return config;
}

Model model_of(const Options& options) {
  const Extent extent{options.shape.at(0), options.shape.at(1)};
  if (options.velocity.empty()) return built_in_model(extent, options.spacing);
  return read_model(options.velocity, extent, options.spacing);
}

}  // namespace acoustic
