// SPDX-License-Identifier: BSD-3-Clause
/// The command line of the example.
#pragma once

#include "model.hpp"
#include <cairn/cairn.hpp>

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace acoustic {

/// What the user asked for.
struct Options {
  std::string config;
  std::string velocity;                ///< empty: the built-in model
  std::vector<Index> shape{801, 401};  ///< cells in x and z
  double spacing = 10;                 ///< metres
  std::optional<double> frequency;     ///< hertz; by default as the model and its spacing allow
  cairn::Step steps = 1000;
  std::string out = "out/acoustic";
  bool check = false;
  bool store_all = false;
  bool sequential = false;
  bool trace = false;
  bool resume = false;
  bool overwrite = false;
};

/// Adds the options to `app`; app.parse() then fills `options`, which must outlive it.
void declare(CLI::App& app, Options& options);

/// The YAML's configuration, changed as --store-all (one ram tier of `steps` slots), --sequential, --resume and
/// --overwrite say. Throws std::invalid_argument as cairn::Config does.
cairn::Config config_of(const Options& options);

/// The model that was asked for. Throws std::invalid_argument as read_model does.
Model model_of(const Options& options);

}  // namespace acoustic
