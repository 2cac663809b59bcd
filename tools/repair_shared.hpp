// SPDX-License-Identifier: BSD-3-Clause
/// `cairn repair` of shared memory: finds what dead runs have left, and takes back what nobody can go on from.
#pragma once

#include <cairn/storage/shared_area.hpp>

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace cairn::tool {

/// An area and what came of it.
struct SharedOutcome {
  enum class State {
    in_use,     ///< by a run that lives
    resumable,  ///< a run with resume: true can go on from it
    damaged,    ///< cannot be read, and may hold what its owner wants: left alone
    useless     ///< of no more use to anybody: reclaimed
  };
  FoundArea area;
  bool dry_run = false;
  std::string failure = {};  ///< why it could not be reclaimed; empty: it could, or is not to be

  State state() const;
};

/// Reclaims every area of this user that is useless; with dry_run, none.
std::vector<SharedOutcome> reclaim_all(bool dry_run);
/// The same of that path. Nothing where it is no area's, or one that is not useless.
std::optional<SharedOutcome> reclaimed(const std::string& path, bool dry_run);

/// Was there nothing that calls for somebody?
bool sound(const SharedOutcome& outcome);
std::string text_of(const SharedOutcome& outcome);                ///< One line.
std::string text_of(const std::vector<SharedOutcome>& outcomes);  ///< A table, or that there is none.
nlohmann::ordered_json json_of(const SharedOutcome& outcome);

}  // namespace cairn::tool
