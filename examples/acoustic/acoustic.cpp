// SPDX-License-Identifier: BSD-3-Clause
/// The gradient of a seismic misfit by the velocities, on a trajectory that does not fit into RAM. See --help.
#include "check.hpp"
#include "options.hpp"
#include "output.hpp"
#include "picture.hpp"
#include "stop_signals.hpp"
#include "summary.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sysexits.h>
#include <unistd.h>

namespace acoustic {
namespace {

enum Exit { done = 0, failed = 1, misused = 2, stopped = EX_TEMPFAIL };  // 75: "try again later"

// One experiment: data from the true model, their gradient at a smooth one.
class Experiment {
 public:
  explicit Experiment(const Options& options)
      : options_{options},
        config_{config_of(options)},
        signals_{config_.outlives_process() ? std::make_unique<StopSignals>() : nullptr},
        truth_{model_of(options)},
        survey_{survey_of(truth_, options.frequency)},
        start_{smoothed(truth_)},
        shot_{survey_, options.steps},
        run_{config_, state_of(shot_), operators_for(options)} {
    if (config_.outlives_process()) keep_in(run_, shot_);
    if (signals_) signals_->pass_to(run_);
    if (isatty(STDERR_FILENO)) run_.on_progress(cairn::terminal_bar(std::cerr));
  }

  ~Experiment() { signals_.reset(); }  // before the run

  Exit carry_out() {
    std::filesystem::create_directories(options_.out);
    if (options_.check) checks_ = check_in_double(truth_, survey_);
    observe();
    if (is_to_stop()) return stopped_before_the_run();
    how_ = Listen::compare;
    depends_on(run_, shot_, start_.velocity);
    const cairn::Report report = run_.sweep(options_.steps);
    if (report.stopped) return stopped_at(report);
    if (signals_) signals_->as_before();  // there is nothing left to go on with
    const std::vector<float> gradient = shot_.gradient();
    const double misfit = shot_.misfit();
    write_arrays(gradient, misfit);
    if (options_.check) checks_.push_back(check_at_run_size(shot_, how_, run_));
    tell(summary(report, gradient, misfit));
    return std::ranges::all_of(checks_, &Check::holds) ? done : failed;
  }

 private:
  bool is_to_stop() const { return signals_ && *StopSignals::received() != '\0'; }

  Exit stopped_before_the_run() const {
    fmt::print("stopped by {} before the run had begun: start it again (exit code {})\n", StopSignals::received(),
               static_cast<int>(stopped));
    return stopped;
  }

  // All is stored that a later process goes on from.
  Exit stopped_at(const cairn::Report& report) const {
    tell(summary(report));
    fmt::print(
        "stopped by {} in the {} sweep at step {} of {}; start it again with --resume, and it goes on there (exit "
        "code {})\n",
        is_to_stop() ? StopSignals::received() : "stop_after", report.stopped_in_reverse ? "reverse" : "forward",
        report.stopped_at, report.steps, static_cast<int>(stopped));
    return stopped;
  }

  cairn::Operators operators_for(const Options& options) {
    cairn::Operators operators = operators_of(shot_, how_);
    if (!options.trace) return operators;
    spdlog::stderr_logger_mt("cairn")->set_pattern("%v");
    return told(operators);
  }

  // The data, by the true model; then the smooth one takes its place.
  void observe() {
    shot_.set_velocity(truth_.velocity);
    run_forward(shot_, Listen::observe, [this] { return is_to_stop(); });
    shot_.set_velocity(start_.velocity);
    shot_.rest();
    if (options_.trace) fmt::print(stderr, "the data are there\n");
  }

  void write_arrays(std::span<const float> gradient, double misfit) const {
    const std::filesystem::path out = options_.out;
    write_hdf5(out / "gradient.h5", {survey_, options_.steps, misfit, truth_.velocity, start_.velocity, gradient});
    write_picture(out / "gradient.png", truth_, survey_, gradient);
  }

  Summary summary(const cairn::Report& report, std::span<const float> gradient, double misfit) const {
    Summary whole = summary(report);
    whole.misfit = misfit;
    whole.gradient_hash = hash_of(gradient);
    return whole;
  }

  Summary summary(const cairn::Report& report) const {
    const bool ram = config_.tiers.front().kind == cairn::TierKind::ram;
    const std::uint64_t buffers = static_cast<std::uint64_t>(run_.provision().pool) * run_.snapshot_bytes().count;
    const std::size_t models = 3 * truth_.velocity.size() * sizeof(float);  // true, smooth, gradient
    return {.survey = survey_,
            .report = report,
            .ram_allowed = ram ? config_.tiers.front().capacity.text() : "no ram tier",
            .ram_allowed_bytes = buffers,
            .own_bytes = shot_.bytes() + models + (options_.check ? check_bytes(shot_) : 0),
            .misfit = {},
            .gradient_hash = {},
            .checks = checks_};
  }

  void tell(const Summary& summary) const {
    const auto path = std::filesystem::path{options_.out} / "report.json";
    std::ofstream file{path};
    file << summary.json() << '\n';
    if (!file.flush()) throw std::runtime_error{fmt::format("{}: cannot be written", path.string())};
    for (const Check& check : summary.checks) fmt::print("{}\n", check.line());
    fmt::print("{}", summary.text());
  }

  Options options_;
  cairn::Config config_;
  std::unique_ptr<StopSignals> signals_;  // early: reading the model and making the data take their time
  Model truth_;
  Survey survey_;
  Model start_;
  Shot<float> shot_;
  Listen how_ = Listen::off;
  cairn::Reversal run_;
  std::vector<Check> checks_;
};

}  // namespace
}  // namespace acoustic

/// Exit: 0 done, 1 a check or the run failed, 2 the command line, the configuration or the model is wrong, 75 stopped
/// before its end, as a signal or stop_after asked: to be started again with --resume.
int main(int count, char** words) {
  acoustic::Options options;
  CLI::App app;
  acoustic::declare(app, options);
  try {
    app.parse(count, words);
    return acoustic::Experiment{options}.carry_out();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? acoustic::done : acoustic::misused;
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "acoustic: {}\n", error.what());
    return acoustic::misused;
  } catch (const std::exception& error) {
    fmt::print(stderr, "acoustic: {}\n", error.what());
    return acoustic::failed;
  }
}
