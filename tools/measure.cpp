// SPDX-License-Identifier: BSD-3-Clause
#include "measure.hpp"

#include "measure_tiers.hpp"
#include "numbers.hpp"
#include "text_table.hpp"
#include <cairn/core/duration.hpp>
#include <cairn/storage/errors.hpp>
#include <cairn/storage/run_record.hpp>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace cairn::tool {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int usual_rounds = 5;
constexpr int most_rounds = 1000;

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument{what};
}

/// What was asked, understood.
struct Question {
  std::string name;  ///< of the configuration
  Config config;
  Bytes snapshot;
  int rounds = usual_rounds;
  std::optional<double> step_seconds;
};

Bytes snapshot_of(const MeasureOptions& options) {
  const std::int64_t bytes = whole_number("--snapshot-bytes", options.snapshot_bytes);
  if (bytes < 1)
    refuse(fmt::format("--snapshot-bytes: {} is no size of a snapshot; give the bytes of all fields together", bytes));
  const auto memory =
      static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  if (static_cast<std::uint64_t>(bytes) > memory / 2)
    refuse(fmt::format("--snapshot-bytes: {} of them are {}, and two must be in memory, which is {} here", bytes,
                       readable(Bytes{static_cast<std::uint64_t>(bytes)}), readable(Bytes{memory})));
  return Bytes{static_cast<std::uint64_t>(bytes)};
}

int rounds_of(const MeasureOptions& options) {
  if (!options.rounds) return usual_rounds;
  const std::int64_t rounds = whole_number("--rounds", *options.rounds);
  if (rounds < 1 || rounds > most_rounds)
    refuse(fmt::format("--rounds: {} is no number of rounds; give 1 to {}", rounds, most_rounds));
  return static_cast<int>(rounds);
}

std::optional<double> step_seconds_of(const MeasureOptions& options, const Config& config) {
  if (!options.advance) return config.costs.advance_seconds;
  try {
    return seconds_of(*options.advance);
  } catch (const std::invalid_argument& wrong) {
    refuse(fmt::format("--advance: {}", wrong.what()));
  }
}

void check_write(const MeasureOptions& options, bool step_is_known) {
  if (!options.write) {
    if (options.force) refuse("--force: it lets --write FILE.yaml replace a file; give --write too, or leave it out");
    return;
  }
  const std::string& path = *options.write;
  if (!step_is_known)
    refuse(
        fmt::format("--write: costs are in forward steps, and the time of one is not known; give it by --advance "
                    "\"3 ms\", or as costs: {{advance: 3 ms}} in {}",
                    options.config));
  const fs::path folder = fs::path{path}.has_parent_path() ? fs::path{path}.parent_path() : ".";
  std::error_code ignored;
  if (path.empty() || fs::is_directory(path, ignored))
    refuse(fmt::format("--write: \"{}\" is not the path of a file; give one, such as measured.yaml", path));
  if (!fs::is_directory(folder, ignored))
    refuse(fmt::format("--write: the folder \"{}\" is not there; make it or give another path", folder.string()));
  if (!options.force && fs::exists(fs::symlink_status(path, ignored)))
    refuse(fmt::format("--write: {} is there already; give another path, or --force to replace it", path));
}

Question question_of(const MeasureOptions& options) {
  Question question{.name = options.config,
                    .config = Config::from_file(options.config),
                    .snapshot = snapshot_of(options),
                    .rounds = rounds_of(options),
                    .step_seconds = std::nullopt};
  question.step_seconds = step_seconds_of(options, question.config);
  check_write(options, question.step_seconds.has_value());
  return question;
}

double gb_per_second(Bytes bytes, double seconds) {
  return static_cast<double>(bytes.count) / seconds / 1e9;
}

std::string table_of(const Question& question, const Measured& measured) {
  using enum TextTable::Align;
  std::vector<TextTable::Column> columns{{"tier", left}, {"file", left}, {"save ms"},
                                         {"load ms"},    {"save GB/s"},  {"load GB/s"}};
  if (question.step_seconds) columns.insert(columns.end(), {{"save cost"}, {"load cost"}});
  TextTable table{columns};
  for (std::size_t i = 0; i < measured.tiers.size(); ++i) {
    const TierConfig& tier = question.config.tiers[i];
    const auto& [save, load] = measured.tiers[i];
    std::vector<std::string> row{std::string{name_of(tier.kind)},
                                 tier.path,
                                 fmt::format("{:.4g}", 1e3 * save),
                                 fmt::format("{:.4g}", 1e3 * load),
                                 fmt::format("{:.3g}", gb_per_second(question.snapshot, save)),
                                 fmt::format("{:.3g}", gb_per_second(question.snapshot, load))};
    if (question.step_seconds) {
      const TierCosts costs = costs_of(question.config, measured, i, *question.step_seconds);
      row.insert(row.end(), {text_of_cost(costs.save), text_of_cost(costs.load)});
    }
    table.add(std::move(row));
  }
  return table.text();
}

std::string report_of(const Question& question, const Measured& measured) {
  std::string text = fmt::format("Snapshots of {} bytes, the median of {} round{}\n\n{}\n", question.snapshot.count,
                                 question.rounds, question.rounds == 1 ? "" : "s", table_of(question, measured));
  text += fmt::format("copy  {:.4g} ms out of the live state, {:.4g} ms into it\n", 1e3 * measured.copy_out_seconds,
                      1e3 * measured.copy_in_seconds);
  if (!question.step_seconds)
    return text + fmt::format(
                      "cost  not known: it is in forward steps; give the time of one by --advance \"3 ms\", or as\n"
                      "      costs: {{advance: 3 ms}} in {}\n",
                      question.name);
  return text + fmt::format("cost  in forward steps of {}: the tier's own time and the copy\n",
                            duration_text(*question.step_seconds));
}

Json json_of(const Question& question, const Measured& measured) {
  Json json{{"snapshot_bytes", question.snapshot.count}, {"rounds", question.rounds}};
  json["advance_seconds"] = question.step_seconds ? Json(*question.step_seconds) : Json{};
  json["copy_out_seconds"] = measured.copy_out_seconds;
  json["copy_in_seconds"] = measured.copy_in_seconds;
  json["tiers"] = Json::array();
  for (std::size_t i = 0; i < measured.tiers.size(); ++i) {
    const TierConfig& tier = question.config.tiers[i];
    const auto& [save, load] = measured.tiers[i];
    Json row{{"tier", name_of(tier.kind)}, {"file", tier.path.empty() ? Json{} : Json(tier.path)}};
    row["save_seconds"] = save;
    row["load_seconds"] = load;
    row["save_gb_per_second"] = gb_per_second(question.snapshot, save);
    row["load_gb_per_second"] = gb_per_second(question.snapshot, load);
    const auto costs = question.step_seconds
                           ? std::optional{costs_of(question.config, measured, i, *question.step_seconds)}
                           : std::nullopt;
    row["save_cost"] = costs ? Json(costs->save) : Json{};
    row["load_cost"] = costs ? Json(costs->load) : Json{};
    json["tiers"].push_back(std::move(row));
  }
  return json;
}

/// The configuration with these costs, as YAML.
std::string measured_yaml(const Question& question, const Measured& measured) {
  Config config = question.config;
  config.costs.advance_seconds = question.step_seconds;
  for (std::size_t i = 0; i < config.tiers.size(); ++i) {
    const TierCosts costs = costs_of(config, measured, i, *question.step_seconds);
    config.tiers[i].save_cost = costs.save;
    config.tiers[i].load_cost = costs.load;
  }
  const RunFacts facts = facts_of_this_process("", "");
  return fmt::format("# {}, with costs that cairn {} measured on {}, {}, for snapshots of {} bytes\n{}", question.name,
                     facts.version, facts.host, facts.start, question.snapshot.count, config.yaml());
}

/// Under another name first, so that a full disk costs nobody his configuration.
void write_file(const std::string& path, const std::string& text) {
  const std::string unfinished = path_beside(path);
  std::error_code ignored;
  const fs::path target = fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : fs::path{path};
  errno = 0;
  std::ofstream file{unfinished, std::ios::binary};
  file << text;
  file.close();
  if (file && std::rename(unfinished.c_str(), target.c_str()) == 0) return;
  const int error_number = errno;
  std::remove(unfinished.c_str());
  throw std::runtime_error{fmt::format("--write: {}: cannot be written: {}", path, words_for(error_number))};
}

}  // namespace

void measure(const MeasureOptions& options) {
  const Question question = question_of(options);
  const Measured measured = measure_tiers(question.config, question.snapshot, question.rounds);
  if (options.write) write_file(*options.write, measured_yaml(question, measured));
  if (options.json) return put(json_of(question, measured).dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
  put(report_of(question, measured));
  if (options.write)
    put(fmt::format("\nWritten to {0}. Plan with it: cairn plan {0} --steps N --snapshot-bytes {1}\n", *options.write,
                    question.snapshot.count));
}

}  // namespace cairn::tool
