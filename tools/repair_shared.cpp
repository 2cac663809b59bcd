// SPDX-License-Identifier: BSD-3-Clause
#include "repair_shared.hpp"

#include "text_table.hpp"
#include <cairn/storage/errors.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace cairn::tool {
namespace {

using State = SharedOutcome::State;

SharedOutcome reclaimed(FoundArea area, bool dry_run) {
  SharedOutcome outcome{.area = std::move(area), .dry_run = dry_run};
  if (dry_run || outcome.state() != State::useless) return outcome;
  try {
    reclaim_shared_area(outcome.area.name);
  } catch (const StorageError& problem) {
    outcome.failure = problem.what();
  }
  return outcome;
}

std::string_view name_of(State state) {
  switch (state) {
    case State::in_use: return "in use";
    case State::resumable: return "resumable";
    case State::damaged: return "damaged";
    case State::useless: return "useless";
  }
  return "?";
}

std::string holds(const SharedOutcome& outcome) {
  const FoundArea& area = outcome.area;
  switch (outcome.state()) {
    case State::in_use: return "what a run that lives is using";
    case State::resumable:
      return fmt::format("{} snapshot{} of a run that has not ended (started {}); resume: true goes on with it",
                         area.unfinished->snapshots, area.unfinished->snapshots == 1 ? "" : "s",
                         area.unfinished->start);
    case State::damaged: return "what cannot be read: " + area.problem;
    case State::useless: return "nothing that a run could go on from";
  }
  return "?";
}

std::string_view done(const SharedOutcome& outcome) {
  if (outcome.state() != State::useless) return "left";
  if (outcome.dry_run) return "to be reclaimed";
  return outcome.failure.empty() ? "reclaimed" : "left";
}

}  // namespace

State SharedOutcome::state() const {
  if (area.in_use) return State::in_use;
  if (!area.problem.empty()) return State::damaged;
  return area.unfinished ? State::resumable : State::useless;
}

std::vector<SharedOutcome> reclaim_all(bool dry_run) {
  std::vector<SharedOutcome> outcomes;
  for (FoundArea& area : shared_areas()) outcomes.push_back(reclaimed(std::move(area), dry_run));
  return outcomes;
}

std::optional<SharedOutcome> reclaimed(const std::string& path, bool dry_run) {
  const std::optional<std::string> name = shared_name_in(path);
  if (!name) return std::nullopt;
  std::vector<FoundArea> areas = shared_areas();
  const auto found = std::ranges::find(areas, *name, &FoundArea::name);
  if (found == areas.end()) return std::nullopt;
  SharedOutcome outcome = reclaimed(std::move(*found), dry_run);
  if (outcome.state() != State::useless) return std::nullopt;
  return outcome;
}

bool sound(const SharedOutcome& outcome) {
  if (outcome.state() == State::useless) return !outcome.dry_run && outcome.failure.empty();
  return outcome.state() != State::damaged;
}

std::string text_of(const SharedOutcome& outcome) {
  return fmt::format("{}: {} of shared memory with {}: {}.\n", shared_path(outcome.area.name),
                     readable(outcome.area.bytes), holds(outcome), done(outcome));
}

std::string text_of(const std::vector<SharedOutcome>& outcomes) {
  using enum TextTable::Align;
  if (outcomes.empty()) return "No shared memory of cairn is yours.\n";
  TextTable table{{{"shared memory", left}, {"takes"}, {"holds", left}, {"done", left}}};
  for (const SharedOutcome& outcome : outcomes)
    table.add(
        {shared_path(outcome.area.name), readable(outcome.area.bytes), holds(outcome), std::string{done(outcome)}});
  return table.text();
}

nlohmann::ordered_json json_of(const SharedOutcome& outcome) {
  using Json = nlohmann::ordered_json;
  const FoundArea& area = outcome.area;
  const auto text = [](const std::string& words) { return words.empty() ? Json{} : Json(words); };
  return {{"file", shared_path(area.name)},
          {"failure", text(outcome.failure)},
          {"kind", "ram"},
          {"name", area.name},
          {"bytes", area.bytes.count},
          {"state", name_of(outcome.state())},
          {"snapshots", area.unfinished ? area.unfinished->snapshots : 0},
          {"start", area.unfinished ? Json(area.unfinished->start) : Json{}},
          {"problem", text(area.problem)},
          {"reclaimed", outcome.state() == State::useless && !outcome.dry_run && outcome.failure.empty()}};
}

}  // namespace cairn::tool
