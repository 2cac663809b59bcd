// SPDX-License-Identifier: BSD-3-Clause
#include "repair.hpp"

#include "numbers.hpp"
#include "repair_shared.hpp"
#include "text_table.hpp"
#include <cairn/storage/errors.hpp>
#include <cairn/storage/tier_repair.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cairn::tool {
namespace {

using Json = nlohmann::ordered_json;
using Holds = RepairedSlot::Holds;
using Remedy = RepairedSlot::Remedy;

constexpr std::size_t most_rows = 40;  // of slots; of more, only those are listed that something was wrong with

/// One FILE and what came of it.
struct Outcome {
  std::string path;
  RepairedFile file = {};
  std::string failure = {};                // why it could not be repaired; empty: it could
  std::optional<SharedOutcome> area = {};  // of shared memory that is of no more use, in place of `file`

  Slots number(Holds holds) const {
    return std::ranges::count_if(file.in_use, [&](const RepairedSlot& slot) { return slot.holds == holds; });
  }
  Slots number(Remedy remedy) const {
    return std::ranges::count_if(file.in_use, [&](const RepairedSlot& slot) { return slot.remedy == remedy; });
  }
  Slots remedies() const { return number(Remedy::emptied) + number(Remedy::step_word); }
  Slots empty() const { return file.slots - static_cast<Slots>(file.in_use.size()); }
};

Outcome repaired(const std::string& path, bool dry_run) {
  Outcome outcome{.path = path};
  if (outcome.area = reclaimed(path, dry_run); outcome.area) {
    outcome.failure = outcome.area->failure;
    return outcome;
  }
  try {
    outcome.file = repair_tier_file(path, dry_run);
    if (shared_name_in(path)) outcome.file.kind = "ram";
  } catch (const StorageError& failure) {
    outcome.failure = failure.what();
  }
  return outcome;
}

std::string_view word_for(Remedy remedy) {
  switch (remedy) {
    case Remedy::none: return "";
    case Remedy::emptied: return "emptied";
    case Remedy::step_word: return "step word set right";
  }
  return "?";
}

std::string counted(Slots number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string table_of_slots(const Outcome& outcome, bool all) {
  using enum TextTable::Align;
  const bool only_wrong = !all && outcome.file.in_use.size() > most_rows;
  TextTable table{{{"slot"}, {"step"}, {"holds", left}, {"done", left}, {"because", left}}};
  std::size_t listed = 0, wrong = 0;
  for (const RepairedSlot& slot : outcome.file.in_use) {
    wrong += !slot.problem.empty();
    if (only_wrong && (slot.problem.empty() || listed == most_rows)) continue;
    ++listed;
    table.add({std::to_string(slot.slot.index), slot.step < 0 ? "" : std::to_string(slot.step),
               std::string{name_of(slot.holds)}, std::string{word_for(slot.remedy)}, slot.problem});
  }
  if (listed == 0) return {};
  std::string text = table.text();
  if (only_wrong && wrong > listed) text += fmt::format("... {} more, --all shows them ...\n", wrong - listed);
  return '\n' + text;
}

std::string text_of(const Outcome& outcome, const RepairOptions& options) {
  if (outcome.area) return text_of(*outcome.area);
  const RecordedRun& run = outcome.file.run;
  std::string text = fmt::format("{}: {} tier, {} slots, of a run started {}, {}\n", outcome.path, outcome.file.kind,
                                 outcome.file.slots, run.facts.start,
                                 run.identity.empty() ? "which saved nothing"
                                 : run.end.empty()    ? "which has not ended"
                                                      : "ended " + run.end);
  text += table_of_slots(outcome, options.all);
  text +=
      fmt::format("\nSaved: {} whole, {} not summed, {} released. Not saved: {} torn, {} unreadable, {} empty.\n",
                  outcome.number(Holds::snapshot), outcome.number(Holds::not_summed), outcome.number(Holds::released),
                  outcome.number(Holds::nothing), outcome.number(Holds::unreadable), outcome.empty());
  if (outcome.remedies() == 0) return text + "Nothing to repair.\n";
  return text + fmt::format("{} {}, {}.\n", options.dry_run ? "To be repaired:" : "Repaired:",
                            counted(outcome.number(Remedy::emptied), "slot emptied", "slots emptied"),
                            counted(outcome.number(Remedy::step_word), "step word set right", "step words set right"));
}

Json json_of(const Outcome& outcome) {
  if (!outcome.failure.empty()) return {{"file", outcome.path}, {"failure", outcome.failure}};
  if (outcome.area) return json_of(*outcome.area);
  const RecordedRun& run = outcome.file.run;
  Json json{{"file", outcome.path},
            {"failure", Json{}},
            {"kind", outcome.file.kind},
            {"start", run.facts.start},
            {"end", run.end.empty() ? Json{} : Json(run.end)},
            {"slots", outcome.file.slots},
            {"emptied", outcome.number(Remedy::emptied)},
            {"step_words", outcome.number(Remedy::step_word)}};
  for (const Holds holds : {Holds::snapshot, Holds::not_summed, Holds::released, Holds::nothing, Holds::unreadable})
    json["holds"][std::string{name_of(holds)}] = outcome.number(holds);
  json["slots_in_use"] = Json::array();
  for (const RepairedSlot& slot : outcome.file.in_use)
    json["slots_in_use"].push_back({{"slot", slot.slot.index},
                                    {"step", slot.step < 0 ? Json{} : Json(slot.step)},
                                    {"holds", name_of(slot.holds)},
                                    {"done", slot.remedy == Remedy::none ? Json{} : Json(word_for(slot.remedy))},
                                    {"problem", slot.problem}});
  return json;
}

bool sound(const Outcome& outcome, bool dry_run) {
  if (outcome.area) return sound(*outcome.area);
  return outcome.failure.empty() && outcome.number(Holds::unreadable) == 0 && (!dry_run || outcome.remedies() == 0);
}

}  // namespace

int repair(const RepairOptions& options) {
  if (options.files.empty() && !options.shared)
    throw std::invalid_argument{"FILE is required, or --shared; see cairn repair --help"};
  bool all_sound = true;
  Json files = Json::array();
  for (std::size_t i = 0; i < options.files.size(); ++i) {
    const Outcome outcome = repaired(options.files[i], options.dry_run);
    all_sound = sound(outcome, options.dry_run) && all_sound;
    if (!outcome.failure.empty()) std::fputs(fmt::format("cairn: {}\n", outcome.failure).c_str(), stderr);
    if (options.json)
      files.push_back(json_of(outcome));
    else if (outcome.failure.empty())
      put((i == 0 ? "" : "\n") + text_of(outcome, options));
  }
  Json json{{"dry_run", options.dry_run}, {"files", files}};
  if (options.shared) {
    const std::vector<SharedOutcome> areas = reclaim_all(options.dry_run);
    json["shared"] = Json::array();
    for (const SharedOutcome& area : areas) {
      all_sound = sound(area) && all_sound;
      if (!area.failure.empty()) std::fputs(fmt::format("cairn: {}\n", area.failure).c_str(), stderr);
      json["shared"].push_back(json_of(area));
    }
    if (!options.json) put((options.files.empty() ? "" : "\n") + text_of(areas));
  }
  if (options.json) put(json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
  return all_sound ? 0 : 1;
}

}  // namespace cairn::tool
