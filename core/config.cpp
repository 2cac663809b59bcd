// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/config.hpp>
#include <cairn/core/copier.hpp>
#include <cairn/core/cpu_list.hpp>
#include <cairn/core/duration.hpp>
#include <cairn/core/kept.hpp>
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/lane_thread.hpp>
#include <cairn/storage/shared_area.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cairn {
namespace {

constexpr std::array schedules_of_later_versions{"two_level"};
constexpr int most_nice = 19;              // Linux
constexpr double most_step_seconds = 1e9;  // of a forward step
constexpr std::size_t most_run_id = 200;   // the identity in a file has 4 KiB

std::string tier_key(std::size_t index) {
  return fmt::format("tiers[{}]", index);
}

// YAML's double-quoted style: every path survives it.
std::string yaml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

// Of shared memory: the text where it can be a name, else what is like it and no other text's.
std::string name_from(const std::string& run_id) {
  constexpr std::size_t most_letters = 100;
  std::string name = run_id.substr(0, most_letters);
  std::ranges::replace_if(
      name, [](unsigned char c) { return (std::isalnum(c) == 0 || c > 127) && c != '.' && c != '_' && c != '-'; }, '_');
  if (name == run_id) return name;
  return fmt::format("{}-{:016x}", name, hash_of(std::as_bytes(std::span{run_id})));
}

// The file that a path means, however it is written.
std::filesystem::path meant_by(const std::string& path) {
  std::error_code unresolved;
  const auto absolute = std::filesystem::absolute(path);
  auto canonical = std::filesystem::weakly_canonical(absolute, unresolved);
  return unresolved ? absolute.lexically_normal() : canonical;
}

std::string yaml_of(const TierConfig& tier) {
  std::string line = fmt::format("{{kind: {}, ", name_of(tier.kind));
  if (!tier.path.empty()) line += fmt::format("path: {}, ", yaml_string(tier.path));
  line += fmt::format("capacity: {}", tier.capacity.text());
  if (tier.save_cost) line += fmt::format(", save_cost: {}", *tier.save_cost);
  if (tier.load_cost) line += fmt::format(", load_cost: {}", *tier.load_cost);
  if (tier.shared) line += ", shared: true";
  if (!tier.name.empty()) line += fmt::format(", name: {}", yaml_string(tier.name));
  return line + '}';
}

std::string yaml_of(const CostsConfig& costs) {
  std::vector<std::string> given;
  if (costs.advance_seconds) given.push_back(fmt::format("advance: {}", duration_text(*costs.advance_seconds)));
  if (costs.turn) given.push_back(fmt::format("turn: {}", *costs.turn));
  return given.empty() ? "" : fmt::format("costs: {{{}}}\n", fmt::join(given, ", "));
}

std::string yaml_of_resume(const Config& config) {
  std::string text;
  if (config.resume) text += "resume: true\n";
  if (config.overwrite) text += "overwrite: true\n";
  if (!config.run_id.empty()) text += fmt::format("run_id: {}\n", yaml_string(config.run_id));
  if (config.stop_after_seconds) text += fmt::format("stop_after: {}\n", duration_text(*config.stop_after_seconds));
  if (config.on_tier_failure != OnTierFailure::go_on)
    text += fmt::format("on_tier_failure: {}\n", name_of(config.on_tier_failure));
  if (config.keep_every_seconds != Config{}.keep_every_seconds)
    text += fmt::format("keep_every: {}\n", duration_text(config.keep_every_seconds));
  return text;
}

std::string yaml_of(const LanesConfig& lanes) {
  std::vector<std::string> given;
  if (!lanes.cpus.empty()) given.push_back(fmt::format("cpus: [{}]", fmt::join(lanes.cpus, ", ")));
  if (lanes.nice != LanesConfig::usual_nice) given.push_back(fmt::format("nice: {}", lanes.nice));
  return given.empty() ? "" : fmt::format("lanes: {{{}}}\n", fmt::join(given, ", "));
}

}  // namespace

std::string_view name_of(TierKind kind) {
  switch (kind) {
    case TierKind::ram: return "ram";
    case TierKind::mmap: return "mmap";
    case TierKind::hdf5: return "hdf5";
  }
  return "?";
}

std::string_view name_of(OnTierFailure on_tier_failure) {
  switch (on_tier_failure) {
    case OnTierFailure::go_on: return "go_on";
    case OnTierFailure::stop: return "stop";
  }
  return "?";
}

std::string_view name_of(ExecutorKind kind) {
  switch (kind) {
    case ExecutorKind::asynchronous: return "asynchronous";
    case ExecutorKind::sequential: return "sequential";
  }
  return "?";
}

std::string_view name_of(Verify verify) {
  switch (verify) {
    case Verify::disk: return "disk";
    case Verify::always: return "always";
    case Verify::never: return "never";
    case Verify::replay: return "replay";
  }
  return "?";
}

std::string_view name_of(Durability durability) {
  switch (durability) {
    case Durability::process: return "process";
    case Durability::power: return "power";
  }
  return "?";
}

ScheduleKind schedule_named(std::string_view name) {
  if (const auto kind = schedule_kind(name)) return *kind;
  std::vector<std::string_view> names;
  for (const ScheduleKind kind : schedule_kinds()) names.push_back(name_of(kind));
  const bool later = std::find(schedules_of_later_versions.begin(), schedules_of_later_versions.end(), name) !=
                     schedules_of_later_versions.end();
  throw std::invalid_argument{fmt::format(
      "\"{}\" is {}; this one has {}", name,
      later ? "of a later version of cairn" : "not a schedule of this version of cairn", fmt::join(names, ", "))};
}

bool overlaps(const Config& config) {
  return config.executor == ExecutorKind::asynchronous && config.tiers.size() > 1 &&
         config.tiers[0].kind == TierKind::ram;
}

bool needs_costs(ScheduleKind kind) {
  return kind == ScheduleKind::overlap || kind == ScheduleKind::hrevolve || kind == ScheduleKind::disk_revolve;
}

void Config::check() const {
  check_values();
  check_cpus();
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    if (tiers[i].kind == TierKind::ram) continue;
    const std::filesystem::path path = tiers[i].path;
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const std::string key = tier_key(i) + ".path";
    std::error_code unseen;
    if (!std::filesystem::exists(folder, unseen))
      refuse(key, fmt::format("the folder \"{}\" is not there; make it or give another path", folder.string()));
    if (!std::filesystem::is_directory(folder, unseen))
      refuse(key, fmt::format("\"{}\" is not a folder; give the path of a file in one", folder.string()));
    if (std::filesystem::is_directory(path, unseen))
      refuse(key, fmt::format("\"{}\" is a folder; give the name of a file in it, for instance \"{}\"", path.string(),
                              (path / fmt::format("run.{}", tiers[i].kind == TierKind::hdf5 ? "h5" : "map")).string()));
  }
}

void Config::check_cpus() const {
  if (lanes.cpus.empty()) return;
  const std::vector<int> usable = usable_cpus();
  for (const int cpu : lanes.cpus)
    if (std::find(usable.begin(), usable.end(), cpu) == usable.end())
      refuse("lanes.cpus",
             fmt::format("this process may not use processor {}; it may use {}", cpu, fmt::join(usable, ", ")));
}

void Config::check_values() const {
  if (tiers.empty()) refuse("tiers", "there is no tier; give one at least, for instance {kind: ram, capacity: 1 GiB}");
  if (tiers.size() > static_cast<std::size_t>(limits::tiers))
    refuse("tiers", fmt::format("there are {} tiers; a run has at most {}", tiers.size(), limits::tiers));
  for (std::size_t i = 0; i < tiers.size(); ++i) check_tier(i);
  check_schedule();
  check_costs();
  check_lanes();
  check_copy_threads();
  check_resume();
  if (verify == Verify::never && durability == Durability::power)
    refuse("verify",
           "never leaves no sum to find torn data by after a loss of power, which durability: power promises; "
           "use disk or always");
}

void Config::check_schedule() const {
  if (period && schedule != ScheduleKind::periodic)
    refuse("schedule.period", fmt::format("{} has no period; remove it, or use kind: periodic", name_of(schedule)));
  if (period && (*period < 1 || *period > limits::steps))
    refuse("schedule.period",
           fmt::format("{} is no number of steps between snapshots; give 1 to {}", *period, limits::steps));
  if (schedule == ScheduleKind::periodic && tiers.size() < 2)
    refuse("schedule",
           "periodic keeps the start of each period on a slower tier, and there is one tier only; add one of "
           "kind mmap or hdf5, or use revolve");
  if (schedule == ScheduleKind::disk_revolve && tiers.size() < 2)
    refuse(
        "schedule",
        "disk_revolve keeps snapshots on a slower tier, and there is one tier only; add one of kind mmap or hdf5, or "
        "use revolve");
  if (schedule == ScheduleKind::overlap && (tiers.size() < 2 || tiers[0].kind != TierKind::ram))
    refuse(
        "schedule",
        "overlap moves snapshots between RAM and slower tiers while the operators run; give a tier of kind ram first "
        "and one of kind mmap or hdf5 behind it, or use hrevolve");
}

void Config::check_costs() const {
  if (const auto seconds = costs.advance_seconds; seconds && !(std::isfinite(*seconds) && *seconds > 0))
    refuse("costs.advance", fmt::format("{} s is no length of time; give one above 0, such as 3 ms", *seconds));
  if (const auto seconds = costs.advance_seconds; seconds && (*seconds < 1e-9 || *seconds > most_step_seconds))
    refuse("costs.advance", fmt::format("{} s is not the time of a forward step; give 1 ns to {:g} s, such as 3 ms",
                                        *seconds, most_step_seconds));
  check_cost("costs.turn", costs.turn);
}

void Config::check_cost(const std::string& key, const std::optional<double>& cost) const {
  if (cost && !(std::isfinite(*cost) && *cost >= 0))
    refuse(key, fmt::format("{} is no cost; give a number of forward steps, 0 or more, or auto", *cost));
  if (cost && *cost > Problem::most_cost)
    refuse(key, fmt::format("{} forward steps is more than anything costs; give at most {:g}, or auto", *cost,
                            Problem::most_cost));
}

void Config::check_lanes() const {
  if (const std::string problem = problem_of_cpus(lanes.cpus); !problem.empty()) refuse("lanes.cpus", problem);
  if (lanes.nice < 0 || lanes.nice > most_nice)
    refuse("lanes.nice", fmt::format("{} is not possible; give 0, as urgent as the operators, to {}, after all else",
                                     lanes.nice, most_nice));
}

void Config::check_copy_threads() const {
  if (copy_threads && (*copy_threads < 1 || *copy_threads > Copier::most_threads))
    refuse("copy_threads",
           fmt::format("{} is not possible; give 1 to {}, or auto", *copy_threads, Copier::most_threads));
}

void Config::check_resume() const {
  if (resume && overwrite)
    refuse("overwrite", "with resume: true a run goes on, with overwrite: true it begins anew; give one of them");
  if (run_id.size() > most_run_id)
    refuse("run_id", fmt::format("{} characters; at most {} are possible", run_id.size(), most_run_id));
  if (stop_after_seconds && !(std::isfinite(*stop_after_seconds) && *stop_after_seconds > 0))
    refuse("stop_after",
           fmt::format("{} s is no length of time; give one above 0, such as 11 h 30 min", *stop_after_seconds));
  if (stop_after_seconds && !outlives_process())
    refuse("stop_after",
           "no tier has a file to go on from later; add one of kind hdf5 or mmap, or make the ram tier's memory "
           "shared: true");
  if (!(std::isfinite(keep_every_seconds) && keep_every_seconds > 0))
    refuse("keep_every", fmt::format("{} s is no length of time; give one above 0, such as 5 min", keep_every_seconds));
}

void Config::check_tier(std::size_t index) const {
  const TierConfig& tier = tiers[index];
  const std::string key = tier_key(index);
  if (tier.kind == TierKind::ram && index > 0)
    refuse(key + ".kind", tiers[0].kind == TierKind::ram ? "a second ram tier; a run has at most one; merge the two"
                                                         : "the ram tier is the fastest; put it first");
  if (const std::string problem = tier.capacity.problem(); !problem.empty()) refuse(key + ".capacity", problem);
  check_path(index);
  check_shared(index);
  check_cost(key + ".save_cost", tier.save_cost);
  check_cost(key + ".load_cost", tier.load_cost);
}

void Config::check_path(std::size_t index) const {
  const TierConfig& tier = tiers[index];
  const std::string key = tier_key(index) + ".path";
  if (tier.kind == TierKind::ram) {
    if (!tier.path.empty()) refuse(key, "a ram tier has no file; remove the path, or use kind mmap or hdf5");
    return;
  }
  if (tier.path.empty())
    refuse(key, fmt::format("missing; an {0} tier needs the path of its file, for instance path: run.{1}",
                            name_of(tier.kind), tier.kind == TierKind::hdf5 ? "h5" : "map"));
  for (std::size_t other = 0; other < index; ++other)
    if (!tiers[other].path.empty() && meant_by(tiers[other].path) == meant_by(tier.path))
      refuse(key, fmt::format("\"{}\" is the file of {} already; give each tier its own", tier.path, tier_key(other)));
}

void Config::check_shared(std::size_t index) const {
  const TierConfig& tier = tiers[index];
  const std::string key = tier_key(index);
  if (tier.shared && tier.kind != TierKind::ram)
    refuse(key + ".shared", fmt::format("only memory can be shared, an {} tier has its file; remove the key, or use "
                                        "kind ram",
                                        name_of(tier.kind)));
  if (!tier.name.empty() && !tier.shared)
    refuse(key + ".name", tier.kind == TierKind::ram ? "private memory has no name; give shared: true, or remove it"
                                                     : "only shared memory has a name; remove it");
  if (!tier.shared) return;
  if (tier.name.empty() && run_id.empty())
    refuse(key + ".name",
           "missing; a later process finds shared memory by its name: give one, for instance name: shot7, or a "
           "run_id to make it from");
  const std::string name = *shared_name();
  try {
    shared_path(name);
    shared_path(name + std::string{Kept::shared_ending});
  } catch (const std::invalid_argument& problem) {
    refuse(key + ".name", problem.what());
  }
  if (name.ends_with(Kept::shared_ending))
    refuse(key + ".name", fmt::format("\"{}\" ends as the names of what runs keep; choose one without \"{}\"", name,
                                      Kept::shared_ending));
}

bool Config::outlives_process() const {
  return std::ranges::any_of(tiers, [](const TierConfig& tier) { return tier.kind != TierKind::ram || tier.shared; });
}

std::optional<std::string> Config::shared_name() const {
  if (tiers.empty() || !tiers[0].shared) return std::nullopt;
  return tiers[0].name.empty() ? name_from(run_id) : tiers[0].name;
}

std::string Config::yaml() const {
  const std::string made = made_yaml();
  return !name_.empty() && made == made_when_read_ ? text_ : made;
}

std::string Config::made_yaml() const {
  std::string text = period ? fmt::format("schedule: {{kind: {}, period: {}}}\n", name_of(schedule), *period)
                            : fmt::format("schedule: {}\n", name_of(schedule));
  text += tiers.empty() ? "tiers: []\n" : "tiers:\n";
  for (const TierConfig& tier : tiers) text += fmt::format("  - {}\n", yaml_of(tier));
  text += yaml_of(costs);
  text += fmt::format("durability: {}\nverify: {}\nexecutor: {}\n", name_of(durability), name_of(verify),
                      name_of(executor));
  text += yaml_of(lanes);
  if (copy_threads) text += fmt::format("copy_threads: {}\n", *copy_threads);
  return text + yaml_of_resume(*this);
}

std::string Config::place_of(const std::string& key) const {
  const bool of_tiers = key.starts_with("tiers");
  if (name_.empty() || (of_tiers && tiers != tiers_read_)) return key + ": ";
  for (std::string at = key; !at.empty();) {  // a key that is missing: the line of what it is missing from
    if (const auto line = lines_.find(at); line != lines_.end())
      return fmt::format("{}:{}: {}: ", name_, line->second, key);
    const std::size_t dot = at.find_last_of(".[");
    at = dot == std::string::npos ? std::string{} : at.substr(0, dot);
  }
  return fmt::format("{}:1: {}: ", name_, key);
}

void Config::refuse(const std::string& key, const std::string& what) const {
  throw std::invalid_argument{place_of(key) + what};
}

}  // namespace cairn
