// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/log.hpp>
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/tier_creation.hpp>
#include <cairn/storage/tier_opening.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace cairn {
namespace {

namespace fs = std::filesystem;
using Kind = StorageError::Kind;
constexpr std::string_view in_use = "in use by another run";
constexpr std::string_view foreign = "is not a file of cairn; move it away or choose another path";
constexpr int most_tries = 100;  // each lost to another run that replaced the file in the same microseconds

std::string folder_of(const std::string& path) {
  const fs::path folder = fs::path{path}.parent_path();
  return folder.empty() ? "." : folder.string();
}

std::string where_links_lead(const std::string& path) {
  std::error_code ignored;
  return fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored).string() : path;
}

/// What a run that died while it made its file may have left: nothing yet, or the beginning of either kind.
bool may_be_left_over(const File& file) {
  std::array<std::byte, 8> first{};
  if (file.size() < first.size()) return file.size() == 0;
  file.read(0, first);
  std::uint64_t word = 0;
  std::memcpy(&word, first.data(), sizeof word);
  return word == 0 || word == MmapFormat::magic_word || word == hdf5_signature_word;
}

/// What cannot be removed stays: it is a left-over for the next run.
void remove(const std::string& path, System& system) {
  while (system.unlink(path.c_str()) < 0 && errno == EINTR) {
  }
}

void sync_folder(const std::string& folder, System& system) {
  try {
    File{folder, File::Mode::read, File::Cache::buffered, system}.sync();
  } catch (const FileError& failure) {
    if (failure.error_number() != EINVAL) throw;  // a file system whose folders cannot be synced
  }
}

/// A file that is damaged may hold what its owner still wants: it is not replaced unasked either.
void refuse_unfinished(std::string_view tier, const std::string& path, System& system) {
  const StorageError::Place place{.tier = tier, .file = path};
  std::optional<UnfinishedRun> unfinished;
  try {
    unfinished = unfinished_run_in(*open_tier_file(path, system));
  } catch (const StorageError& failure) {
    if (failure.kind() != Kind::corrupt && failure.kind() != Kind::mismatch) throw;
    throw StorageError{
        Kind::mismatch, place,
        fmt::format("is there, but cannot be opened ({}); give overwrite: true to replace it", failure.what())};
  }
  if (unfinished)
    throw StorageError{Kind::mismatch, place,
                       fmt::format("holds {} snapshot{} of a run that has not ended (started {}); give resume: true to "
                                   "go on with it, or overwrite: true to replace it",
                                   unfinished->snapshots, unfinished->snapshots == 1 ? "" : "s", unfinished->start)};
}

}  // namespace

void check_replaceable(std::string_view tier, const std::string& path, System& system) {
  const StorageError::Place place{.tier = tier, .file = path};
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (!fs::exists(status)) return;
  try {
    const bool is_ours =
        fs::is_regular_file(status) && is_cairn_file(File{path, File::Mode::read, File::Cache::buffered, system});
    if (!is_ours) throw StorageError{Kind::mismatch, place, foreign};
  } catch (const FileError& failure) {
    throw StorageError{failure.kind(), place, failure.what()};
  }
  refuse_unfinished(tier, path, system);
}

TierCreation::TierCreation(std::string tier, const std::string& path, System& system, const IsOurs& is_ours,
                           Existing existing)
    : tier_{std::move(tier)}, path_{where_links_lead(path)}, system_{&system} {
  if (std::error_code ignored; !fs::is_directory(folder_of(path_), ignored))
    throw std::invalid_argument{
        fmt::format("{} tier: {}: the folder {} is not there; make it first", tier_, path_, folder_of(path_))};
  try {
    make_new_file();
    take_over(is_ours, existing);
  } catch (const FileError& failure) {
    remove_new_file();
    throw error(failure.kind(), path_, failure.what());
  } catch (...) {
    remove_new_file();
    throw;
  }
}

TierCreation::~TierCreation() {
  remove_new_file();
}

File TierCreation::publish() {
  try {
    new_file_->sync();
    new_file_->rename(path_);
    sync_folder(folder_of(path_), *system_);
  } catch (const FileError& failure) {
    throw error(failure.kind(), path_, failure.what());
  }
  old_file_.reset();
  File file = std::move(*new_file_);
  new_file_.reset();
  return file;
}

void TierCreation::make_new_file() {
  for (int tries = 0; tries < most_tries; ++tries) {
    try {
      new_file_.emplace(new_path(), File::Mode::create, File::Cache::buffered, *system_);
    } catch (const FileError& failure) {
      if (failure.error_number() != EEXIST) throw;
      remove_left_over();
      continue;
    }
    if (!hold(*new_file_, new_path())) {
      locked_ = false;
      log(spdlog::level::warn, "{}: the file system has no locks; nothing keeps a second run away from it", path_);
    }
    if (new_file_->is_at(new_path())) return;  // else another run took it for a left-over before it was locked
    new_file_.reset();
  }
  throw error(Kind::mismatch, new_path(), in_use);
}

void TierCreation::remove_left_over() const {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(new_path(), ignored);
  if (!fs::exists(status)) return;
  if (!fs::is_regular_file(status)) throw error(Kind::mismatch, new_path(), foreign);
  try {
    const File old{new_path(), File::Mode::write, File::Cache::buffered, *system_};
    hold(old, new_path());
    if (!may_be_left_over(old)) throw error(Kind::mismatch, new_path(), foreign);
    if (old.is_at(new_path())) remove(new_path(), *system_);
  } catch (const FileError& failure) {
    if (failure.error_number() != ENOENT) throw;
  }
}

void TierCreation::take_over(const IsOurs& is_ours, Existing existing) {
  for (int tries = 0; tries < most_tries; ++tries) {
    std::error_code ignored;
    const fs::file_status status = fs::status(path_, ignored);
    if (!fs::exists(status)) return;
    if (!fs::is_regular_file(status)) throw error(Kind::mismatch, path_, foreign);
    try {
      old_file_.emplace(path_, File::Mode::write, File::Cache::buffered, *system_);
      if (!is_ours(*old_file_)) throw error(Kind::mismatch, path_, foreign);
      hold(*old_file_, path_);
      if (old_file_->is_at(path_)) {
        if (existing == Existing::replace_finished) refuse_unfinished(tier_, path_, *system_);
        return;
      }
    } catch (const FileError& failure) {
      if (failure.error_number() != ENOENT) throw;
    }
    old_file_.reset();
  }
  throw error(Kind::mismatch, path_, in_use);
}

/// Locks the file; false where there are no locks.
bool TierCreation::hold(const File& file, const std::string& path) const {
  return lock_for_run(file, tier_, path);
}

StorageError TierCreation::error(Kind kind, const std::string& path, std::string_view problem) const {
  return {kind, {.tier = tier_, .file = path}, problem};
}

void TierCreation::remove_new_file() noexcept {
  try {
    if (new_file_ && new_file_->is_at(new_path())) remove(new_path(), *system_);
  } catch (const FileError&) {  // it stays, as above
  }
}

}  // namespace cairn
