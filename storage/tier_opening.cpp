// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/log.hpp>
#include <cairn/storage/tier_opening.hpp>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cairn {
namespace {

using Kind = StorageError::Kind;
constexpr int most_tries = 100;  // each lost to a run that replaced the file in the same microseconds

StorageError error(Kind kind, std::string_view tier, const std::string& path, std::string_view problem) {
  return {kind, {.tier = tier, .file = path}, problem};
}

std::string shape_of(const Field& field) {
  return field.extents.empty() ? "a scalar" : fmt::format("[{}]", fmt::join(field.extents, ", "));
}

/// What two fields that should be the same differ in; empty: nothing that counts.
std::string difference_of(std::size_t i, const Field& file, const Field& run) {
  if (file.name != run.name) return fmt::format("its field {} is \"{}\", the run's is \"{}\"", i, file.name, run.name);
  if (file.type != run.type)
    return fmt::format("its field \"{}\" has type {}, the run's {}", file.name, name_of(file.type), name_of(run.type));
  if (file.extents != run.extents)
    return fmt::format("its field \"{}\" is {}, the run's {}", file.name, shape_of(file), shape_of(run));
  return {};
}

}  // namespace

bool lock_for_run(const File& file, std::string_view tier, const std::string& path) {
  switch (file.lock()) {
    case File::Lock::held: return true;
    case File::Lock::unsupported: return false;
    case File::Lock::another_run: throw error(Kind::mismatch, tier, path, "in use by another run");
    case File::Lock::another_program:
      throw error(Kind::mismatch, tier, path,
                  "open for writing in another program; close it there or choose another path");
  }
  return false;
}

File open_for_run(std::string_view tier, const std::string& path, System& system) {
  try {
    for (int tries = 0; tries < most_tries; ++tries) {
      File file{path, File::Mode::write, File::Cache::buffered, system};
      const bool locked = lock_for_run(file, tier, path);
      if (!file.is_at(path)) continue;
      if (!locked)
        log(spdlog::level::warn, "{}: the file system has no locks; nothing keeps a second run away from it", path);
      return file;
    }
  } catch (const FileError& failure) {
    throw error(failure.error_number() == ENOENT ? Kind::absent : failure.kind(), tier, path, failure.what());
  }
  throw error(Kind::mismatch, tier, path, "in use by another run");
}

std::string difference_of(const Layout& file, const Layout& run) {
  const std::size_t both = std::min(file.fields().size(), run.fields().size());
  for (std::size_t i = 0; i < both; ++i)
    if (std::string difference = difference_of(i, file.fields()[i], run.fields()[i]); !difference.empty())
      return difference;
  if (file.fields().size() != run.fields().size())
    return fmt::format("it has {} fields, the run has {}; {} has no \"{}\"", file.fields().size(), run.fields().size(),
                       file.fields().size() < run.fields().size() ? "it" : "the run",
                       (file.fields().size() < run.fields().size() ? run : file).fields()[both].name);
  for (std::size_t i = 0; i < both; ++i) {
    const Layout::Place& there = file.places()[i];
    const Layout::Place& here = run.places()[i];
    if (there.offset != here.offset || there.pieces != here.pieces || there.piece_rows != here.piece_rows)
      return fmt::format("its field \"{}\" lies elsewhere than this version of cairn puts it", run.fields()[i].name);
  }
  return {};
}

void check_layout(std::string_view tier, const std::string& path, const Layout& file, const Layout& run) {
  const std::string difference = difference_of(file, run);
  if (!difference.empty()) throw error(Kind::mismatch, tier, path, "holds snapshots of another state: " + difference);
}

}  // namespace cairn
