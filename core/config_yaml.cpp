// SPDX-License-Identifier: BSD-3-Clause
// Reading a configuration from YAML: Config::from_file and Config::from_yaml.
#include <cairn/core/config.hpp>
#include <cairn/core/cpu_list.hpp>
#include <cairn/core/duration.hpp>
#include <cairn/core/nearest_name.hpp>
#include <cairn/storage/errors.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace cairn {
namespace {

using Names = std::span<const std::string_view>;
constexpr std::array<std::string_view, 14> file_keys{
    "schedule",     "tiers",  "costs",     "durability", "verify",     "executor",   "lanes",
    "copy_threads", "resume", "overwrite", "run_id",     "keep_every", "stop_after", "on_tier_failure"};
constexpr std::array<std::string_view, 7> tier_keys{"kind",      "path",   "capacity", "save_cost",
                                                    "load_cost", "shared", "name"};
constexpr std::array<std::string_view, 2> schedule_keys{"kind", "period"};
constexpr std::string_view automatic = "auto";  // a cost that is measured
constexpr std::array<std::string_view, 2> costs_keys{"advance", "turn"};
constexpr std::array<std::string_view, 2> lanes_keys{"cpus", "nice"};
constexpr std::array<std::string_view, 4> keys_of_later_versions{"trace", "depends_on", "outputs", "compression"};

bool contains(Names names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string described(const YAML::Node& node) {
  if (node.IsScalar()) return fmt::format("\"{}\"", node.Scalar());
  return node.IsSequence() ? "a list" : node.IsMap() ? "a map" : "nothing";
}

int line_of(const YAML::Node& node) {
  return std::max(node.Mark().line, 0) + 1;
}

/// Walks the document and fills a Config's public members; notes the line of each key.
class Reader {
 public:
  Reader(std::string name, Config& config, std::map<std::string, int>& lines)
      : name_{std::move(name)}, config_{config}, lines_{lines} {}

  void read(const YAML::Node& document) {
    if (!document.IsMap())
      refuse(line_of(document), fmt::format("{} where the configuration's keys are needed; write lines such as "
                                            "\"schedule: multistage\"",
                                            described(document)));
    each(document, "", "a configuration", file_keys, [&](const std::string& key, const YAML::Node& value) {
      if (key == "schedule") read_schedule(value);
      if (key == "tiers") read_tiers(value);
      if (key == "costs") read_costs(value);
      if (key == "lanes") read_lanes(value);
      if (key == "resume") config_.resume = yes_or_no(key, value);
      if (key == "overwrite") config_.overwrite = yes_or_no(key, value);
      if (key == "run_id") config_.run_id = text_of(key, value, "a text that names the run");
      if (key == "stop_after") config_.stop_after_seconds = length_of_time(key, value);
      if (key == "on_tier_failure")
        read_name(key, value, config_.on_tier_failure, {OnTierFailure::go_on, OnTierFailure::stop});
      if (key == "keep_every") config_.keep_every_seconds = length_of_time(key, value);
      if (key == "copy_threads") config_.copy_threads = copy_threads_of(value);
      if (key == "durability") read_name(key, value, config_.durability, {Durability::process, Durability::power});
      if (key == "verify")
        read_name(key, value, config_.verify, {Verify::disk, Verify::always, Verify::never, Verify::replay});
      if (key == "executor")
        read_name(key, value, config_.executor, {ExecutorKind::asynchronous, ExecutorKind::sequential});
    });
    if (!lines_.contains("tiers"))
      refuse_key("tiers", "missing; give at least one, for instance tiers: [{kind: ram, capacity: 1 GiB}]");
  }

 private:
  void read_schedule(const YAML::Node& node) {
    if (!node.IsMap()) {
      config_.schedule = kind_of_schedule("schedule", node);
      return;
    }
    each(node, "schedule.", "a schedule", schedule_keys, [&](const std::string& key, const YAML::Node& value) {
      if (key == "schedule.kind") config_.schedule = kind_of_schedule(key, value);
      if (key == "schedule.period") config_.period = whole_number<Step>(key, value, "a whole number of steps", "50");
    });
    if (!lines_.contains("schedule.kind")) refuse_key("schedule.kind", "missing; write {kind: periodic, period: 50}");
  }

  ScheduleKind kind_of_schedule(const std::string& key, const YAML::Node& node) {
    const std::string text = text_of(key, node, "a name such as multistage");
    return in_place(key, [&] { return schedule_named(text); });
  }

  void read_tiers(const YAML::Node& node) {
    if (!node.IsSequence())
      refuse_key("tiers",
                 fmt::format("{} where a list is needed; write a line \"- {{kind: ram, capacity: 1 GiB}}\" for each "
                             "tier",
                             described(node)));
    for (std::size_t i = 0; i < node.size(); ++i) read_tier(fmt::format("tiers[{}]", i), node[i]);
  }

  void read_tier(const std::string& at, const YAML::Node& node) {
    lines_[at] = line_of(node);
    if (!node.IsMap())
      refuse_key(at, fmt::format("{} where a map is needed; write {{kind: ram, capacity: 1 GiB}}", described(node)));
    TierConfig& tier = config_.tiers.emplace_back();
    each(node, at + ".", "a tier", tier_keys, [&](const std::string& key, const YAML::Node& value) {
      const std::string name = key.substr(at.size() + 1);
      if (name == "kind") read_name(key, value, tier.kind, {TierKind::ram, TierKind::mmap, TierKind::hdf5});
      if (name == "path") tier.path = path_of(key, value);
      if (name == "capacity") tier.capacity = capacity_of(key, value);
      if (name == "save_cost") tier.save_cost = cost_of(key, value);
      if (name == "load_cost") tier.load_cost = cost_of(key, value);
      if (name == "shared") tier.shared = yes_or_no(key, value);
      if (name == "name") tier.name = name_at(key, value);
    });
    if (!lines_.contains(at + ".kind")) refuse_key(at + ".kind", "missing; write kind: ram, mmap or hdf5");
    if (!lines_.contains(at + ".capacity")) refuse_key(at + ".capacity", "missing; write \"4 GiB\" or \"25 slots\"");
  }

  std::string path_of(const std::string& key, const YAML::Node& node) {
    std::string path = text_of(key, node, "the path of a file");
    if (path.empty()) refuse_key(key, "is empty; give the path of the tier's file");
    return path;
  }

  std::string name_at(const std::string& key, const YAML::Node& node) {
    std::string name = text_of(key, node, "a name of shared memory");
    if (name.empty()) refuse_key(key, "is empty; give a name, or leave it out to have it made from run_id");
    return name;
  }

  Capacity capacity_of(const std::string& key, const YAML::Node& node) {
    const std::string text = text_of(key, node, "a size such as 4 GiB");
    return in_place(key, [&] { return Capacity::parse(text); });
  }

  void read_costs(const YAML::Node& node) {
    expect_map("costs", node, "{advance: 3 ms, turn: 2.2}, or leave it out to have them measured");
    each(node, "costs.", "costs", costs_keys, [&](const std::string& key, const YAML::Node& value) {
      if (key == "costs.advance") config_.costs.advance_seconds = time_of(key, value);
      if (key == "costs.turn") config_.costs.turn = cost_of(key, value);
    });
  }

  void read_lanes(const YAML::Node& node) {
    expect_map("lanes", node, "{cpus: [2, 3], nice: 10}");
    for (const auto& entry : node)  // {cpus: 2-3,5} is a map of "cpus" and "5"
      if (entry.second.IsNull() && entry.first.IsScalar() && std::isdigit(entry.first.Scalar()[0]) != 0)
        refuse(line_of(entry.first), fmt::format("lanes.{}: unknown key; lanes has {}; write processors as cpus: "
                                                 "[2, 3, 5] or cpus: \"2-3,5\", in quotes",
                                                 entry.first.Scalar(), fmt::join(lanes_keys, ", ")));
    each(node, "lanes.", "lanes", lanes_keys, [&](const std::string& key, const YAML::Node& value) {
      if (key == "lanes.cpus") config_.lanes.cpus = cpus_at(key, value);
      if (key == "lanes.nice") config_.lanes.nice = whole_number<int>(key, value, "a whole number", "10");
    });
  }

  bool yes_or_no(const std::string& key, const YAML::Node& node) {
    const std::string text = text_of(key, node, "true or false");
    if (text != "true" && text != "false")
      refuse_key(key, fmt::format("\"{}\" is neither true nor false; write one of them", text));
    return text == "true";
  }

  double length_of_time(const std::string& key, const YAML::Node& node) {
    const std::string text = text_of(key, node, "a time such as 5 min");
    return in_place(key, [&] { return seconds_of(text); });
  }

  /// Nothing where it is to be measured.
  std::optional<int> copy_threads_of(const YAML::Node& node) {
    if (node.IsScalar() && node.Scalar() == automatic) return std::nullopt;
    return whole_number<int>("copy_threads", node, "a whole number, or auto", "4");
  }

  void expect_map(const std::string& key, const YAML::Node& node, std::string_view right) {
    if (!node.IsMap()) refuse_key(key, fmt::format("{} where a map is needed; write {}", described(node), right));
  }

  std::vector<int> cpus_at(const std::string& key, const YAML::Node& node) {
    if (node.IsSequence() && node.size() == 0) refuse_key(key, "no processor; leave it out for all of them");
    if (!node.IsSequence()) {
      const std::string text = text_of(key, node, "processors such as [2, 3, 5] or \"2-3,5\"");
      return in_place(key, [&] { return cpus_of(text); });
    }
    std::vector<int> cpus;
    for (std::size_t i = 0; i < node.size(); ++i) {
      const std::string at = fmt::format("{}[{}]", key, i);
      lines_[at] = line_of(node[i]);
      cpus.push_back(whole_number<int>(at, node[i], "the number of a processor", "2"));
    }
    return cpus;
  }

  /// Nothing where it is to be measured.
  std::optional<double> time_of(const std::string& key, const YAML::Node& node) {
    const std::string text = text_of(key, node, "a time such as 3 ms");
    if (text == automatic) return std::nullopt;
    return in_place(key, [&] { return seconds_of(text); });
  }

  std::optional<double> cost_of(const std::string& key, const YAML::Node& node) {
    const std::string text = text_of(key, node, "a number of forward steps");
    if (text == automatic) return std::nullopt;
    double cost = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cost);
    if (error != std::errc{} || end != text.data() + text.size())
      refuse_key(
          key,
          fmt::format("\"{}\" is not a number; give the forward steps that it costs, for instance 2.5, or auto", text));
    return cost;
  }

  /// `what` it counts, such as "a whole number of steps", and one that would be `right`.
  template <typename Number>
  Number whole_number(const std::string& key, const YAML::Node& node, const std::string& what, std::string_view right) {
    const std::string text = text_of(key, node, what);
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
      refuse_key(key, fmt::format("\"{}\" is not {}; write one such as {}", text, what, right));
    return number;
  }

  template <typename Enum>
  void read_name(const std::string& key, const YAML::Node& node, Enum& value, std::initializer_list<Enum> all) {
    std::vector<std::string_view> names;
    for (const Enum each : all) names.push_back(name_of(each));
    const std::string text = text_of(key, node, fmt::format("one of {}", fmt::join(names, ", ")));
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end())
      refuse_key(key, fmt::format("\"{}\" is not known{}; write one of {}", text, nearest_to(text, names),
                                  fmt::join(names, ", ")));
    value = *(all.begin() + (found - names.begin()));
  }

  std::string text_of(const std::string& key, const YAML::Node& node, const std::string& wanted) {
    if (!node.IsScalar()) refuse_key(key, fmt::format("{} where {} is needed", described(node), wanted));
    return node.Scalar();
  }

  /// Calls use(key with prefix, value) for the entries of a map in their order, after their keys were found right.
  template <typename Use>
  void each(const YAML::Node& map, const std::string& prefix, std::string_view what, Names known, Use use) {
    for (const auto& entry : map) {
      const int line = line_of(entry.first);
      if (!entry.first.IsScalar()) refuse(line, fmt::format("{} where a key is needed", described(entry.first)));
      const std::string name = entry.first.Scalar();
      const std::string key = prefix + name;
      if (contains(keys_of_later_versions, name))
        refuse(line, fmt::format("{}: this key is of a later version of cairn; remove it", key));
      if (!contains(known, name))
        refuse(line,
               fmt::format("{}: unknown key{}; {} has {}", key, nearest_to(name, known), what, fmt::join(known, ", ")));
      if (const auto first = lines_.find(key); first != lines_.end())
        refuse(line, fmt::format("{}: given twice, first in line {}; keep one", key, first->second));
      lines_[key] = line;
      use(key, entry.second);
    }
  }

  template <typename Make>
  std::invoke_result_t<Make> in_place(const std::string& key, Make make) const {
    try {
      return make();
    } catch (const std::invalid_argument& problem) {
      refuse_key(key, problem.what());
    }
  }

  [[noreturn]] void refuse(int line, const std::string& what) const {
    throw std::invalid_argument{fmt::format("{}:{}: {}", name_, line, what)};
  }

  [[noreturn]] void refuse_key(const std::string& key, const std::string& what) const {
    auto line = lines_.find(key);
    if (line == lines_.end()) line = lines_.find(key.substr(0, key.find_last_of('.')));  // missing from there
    refuse(line == lines_.end() ? 1 : line->second, fmt::format("{}: {}", key, what));
  }

  std::string name_;
  Config& config_;
  std::map<std::string, int>& lines_;
};

/// Where the documents of a text begin, and where their first content is. YAML::LoadAll would fill the memory on ", a":
/// yaml-cpp takes the comma for a document without content, and goes on at the comma.
class Beginnings final : public YAML::EventHandler {
 public:
  explicit Beginnings(const std::string& text) {
    std::istringstream stream{text};
    YAML::Parser parser{stream};
    while (marks_.size() < 3 && parser.HandleNextDocument(*this)) {
      const std::size_t last = marks_.size() - 1;
      if (last > 0 && marks_[last].pos == marks_[last - 1].pos)
        throw YAML::ParserException{marks_[last], "nothing begins like this"};
    }
  }
  bool none() const { return contents_.empty(); }
  bool several() const { return contents_.size() > 1; }
  int second_line() const { return contents_[1].line + 1; }

 private:
  void OnDocumentStart(const YAML::Mark& mark) override { marks_.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { begin(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { begin(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string&) override {
    begin(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    begin(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    begin(mark);
  }
  void OnMapEnd() override {}
  void begin(const YAML::Mark& mark) {
    if (contents_.size() < marks_.size()) contents_.push_back(mark);
  }
  std::vector<YAML::Mark> marks_;
  std::vector<YAML::Mark> contents_;
};

YAML::Node parsed(const std::string& text, const std::string& name) {
  try {
    const Beginnings documents{text};
    const YAML::Node document = YAML::Load(text);
    if (documents.none() || document.IsNull())
      throw std::invalid_argument{fmt::format(
          "{}:1: the file is empty; give at least tiers, for instance tiers: [{{kind: ram, capacity: 1 GiB}}]", name)};
    if (documents.several())
      throw std::invalid_argument{fmt::format(
          "{}:{}: a second YAML document; a configuration is one, remove the \"---\"", name, documents.second_line())};
    return document;
  } catch (const YAML::Exception& problem) {
    throw std::invalid_argument{
        fmt::format("{}:{}: this is not YAML: {}; look here for a bracket, a quote or an indentation", name,
                    std::max(problem.mark.line, 0) + 1, problem.msg)};
  }
}

}  // namespace

Config Config::from_yaml(const std::string& text, const std::string& name) {
  Config config;
  Reader{name, config, config.lines_}.read(parsed(text, name));
  config.name_ = name;
  config.text_ = text;
  config.made_when_read_ = config.made_yaml();
  config.tiers_read_ = config.tiers;
  config.check_values();
  return config;
}

Config Config::from_file(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument{fmt::format("{}: cannot be read: {}; give the path of a YAML file", path, why)};
  };
  std::error_code unseen;
  if (std::filesystem::is_directory(path, unseen)) refuse("it is a folder");
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  if (!file) refuse(words_for(errno));
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) refuse(words_for(errno));
  return from_yaml(text.str(), path);
}

}  // namespace cairn
