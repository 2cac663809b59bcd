// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/mmap_format.hpp>
#include <cairn/storage/shared_area.hpp>
#include <cairn/storage/tier_opening.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <utility>

#include <boost/interprocess/exceptions.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace cairn {
namespace {

namespace bi = boost::interprocess;
namespace fs = std::filesystem;
using Kind = StorageError::Kind;

constexpr std::string_view folder = "/dev/shm/";
constexpr std::string_view prefix = "cairn.";
constexpr std::string_view tier = "ram";
constexpr std::string_view in_use = "in use by another run";
constexpr std::string_view foreign = "is not shared memory of cairn; remove it or choose another name";
constexpr std::size_t most_letters = 200;
constexpr int most_tries = 100;  // each lost to another run that replaced the area in the same microseconds

bool may_be_name(std::string_view name) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && name.size() <= most_letters && name.find_first_not_of(letters) == name.npos;
}

struct ::stat facts_of(const File& file) {
  struct ::stat facts {};
  while (file.system().fstat(file.descriptor(), &facts) < 0)
    if (errno != EINTR) throw FileError{"fstat failed", errno};
  return facts;
}

/// By shm_open, which follows no symbolic link. nullopt: the name is taken, or there is none of that name.
std::optional<bi::shared_memory_object> object_of(std::string_view name, bool create) {
  const std::string whole = std::string{prefix}.append(name);
  try {
    if (create) return bi::shared_memory_object{bi::create_only, whole.c_str(), bi::read_write, bi::permissions{0600}};
    return bi::shared_memory_object{bi::open_only, whole.c_str(), bi::read_write};
  } catch (const bi::interprocess_exception& failure) {
    const int number = failure.get_native_error();
    if (number == (create ? EEXIST : ENOENT)) return std::nullopt;
    if (number == ELOOP)
      throw shared_error(Kind::mismatch, shared_path(name), "is a symbolic link; remove it or choose another name");
    throw shared_error(shared_path(name), FileError{"shm_open failed", number});
  }
}

/// Does the file's path lead to the object? Elsewhere it leads where the area was replaced meanwhile.
bool agree(const SharedArea& area) {
  struct ::stat object {};
  if (::fstat(area.object.get_mapping_handle().handle, &object) < 0) throw FileError{"fstat failed", errno};
  const struct ::stat file = facts_of(area.file);
  return object.st_dev == file.st_dev && object.st_ino == file.st_ino;
}

/// The object with its file; nullopt: it was replaced or removed meanwhile.
std::optional<SharedArea> area_of(bi::shared_memory_object object, const std::string& path, System& system) {
  try {
    SharedArea area{std::move(object), File{path, File::Mode::write, File::Cache::buffered, system}};
    if (agree(area)) return area;
  } catch (const FileError& failure) {
    if (failure.error_number() != ENOENT) throw;
  }
  return std::nullopt;
}

/// A new area, empty and locked; nullopt: the name is taken.
std::optional<SharedArea> made_area(const std::string& name, System& system) {
  std::optional<bi::shared_memory_object> object = object_of(name, true);
  if (!object) return std::nullopt;
  const std::string path = shared_path(name);
  std::optional<SharedArea> area = area_of(std::move(*object), path, system);
  if (!area) return std::nullopt;
  lock_for_run(area->file, tier, path);
  // It may be gone: to another run, that is, which took it for the left-over of a dead one before it was locked.
  return area->file.is_at(path) ? std::move(area) : std::nullopt;
}

/// The area of that name, this user's and locked; nullopt: there is none.
std::optional<SharedArea> found_area(const std::string& name, System& system) {
  const std::string path = shared_path(name);
  for (int tries = 0; tries < most_tries; ++tries) {
    std::optional<bi::shared_memory_object> object = object_of(name, false);
    if (!object) return std::nullopt;
    std::optional<SharedArea> area = area_of(std::move(*object), path, system);
    if (!area) continue;
    const struct ::stat facts = facts_of(area->file);
    if (facts.st_uid != ::geteuid())
      throw shared_error(Kind::mismatch, path, "belongs to another user; choose another name");
    if (!S_ISREG(facts.st_mode)) throw shared_error(Kind::mismatch, path, foreign);
    lock_for_run(area->file, tier, path);
    if (area->file.is_at(path)) return area;
  }
  throw shared_error(Kind::mismatch, path, in_use);
}

/// The first word of a header; 0 where the run died before it was complete.
std::uint64_t first_word(const File& file) {
  std::uint64_t word = 0;
  if (file.size() >= sizeof word) file.read(0, std::as_writable_bytes(std::span{&word, 1}));
  return word;
}

bool completed(const File& file) {
  const std::uint64_t word = first_word(file);
  if (word != 0 && word != MmapFormat::magic_word) throw shared_error(Kind::mismatch, file.path(), foreign);
  return word != 0;
}

/// One that is damaged may hold what its owner still wants: it is not replaced unasked either.
void refuse_unfinished(const File& file) {
  std::optional<UnfinishedRun> unfinished;
  try {
    unfinished = unfinished_run_in(*open_tier_file(file.path(), file.system()));
  } catch (const StorageError& failure) {
    if (failure.kind() != Kind::corrupt && failure.kind() != Kind::mismatch) throw;
    throw shared_error(
        Kind::mismatch, file.path(),
        fmt::format("is there, but cannot be opened ({}); give overwrite: true to replace it", failure.what()));
  }
  if (unfinished)
    throw shared_error(Kind::mismatch, file.path(),
                       fmt::format("holds {} snapshot{} of a run that has not ended (started {}); give resume: true to "
                                   "go on with it, or overwrite: true to replace it",
                                   unfinished->snapshots, unfinished->snapshots == 1 ? "" : "s", unfinished->start));
}

void remove_name(const File& file) {
  while (file.system().unlink(file.path().c_str()) < 0)
    if (errno != EINTR) throw FileError{"unlink failed", errno};
}

/// False: there is none.
bool remove_old(const std::string& name, Existing existing, System& system) {
  const std::optional<SharedArea> old = found_area(name, system);
  if (!old) return false;
  if (completed(old->file) && existing == Existing::replace_finished) refuse_unfinished(old->file);
  remove_name(old->file);
  return true;
}

void remove_area(const std::string& name, Existing existing, System& system) {
  const std::string path = shared_path(name);
  try {
    if (!remove_old(name, existing, system))
      throw shared_error(Kind::absent, path, "there is no shared memory of that name");
  } catch (const FileError& failure) {
    throw shared_error(path, failure);
  }
}

bool is_locked(const File& file) {
  struct ::flock whole {};  // asked for, not taken: a run that begins now is not to be refused
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(file.descriptor(), F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

/// What there is to say of one entry of the folder; nullopt: it is not an area of this user.
std::optional<FoundArea> look_at(const fs::directory_entry& entry) {
  const std::string file_name = entry.path().filename().string();
  std::error_code failed;
  if (!file_name.starts_with(prefix) || !fs::is_regular_file(entry.symlink_status(failed))) return std::nullopt;
  FoundArea found{.name = file_name.substr(prefix.size())};
  if (!may_be_name(found.name)) return std::nullopt;
  try {
    const File file{entry.path().string(), File::Mode::read};
    const std::uint64_t word = first_word(file);
    if (facts_of(file).st_uid != ::geteuid() || (word != 0 && word != MmapFormat::magic_word)) return std::nullopt;
    found.in_use = is_locked(file);
    found.bytes = allocated_bytes(file);
    if (word != 0) found.unfinished = unfinished_run_in(*open_tier_file(file.path()));
  } catch (const FileError&) {
    return std::nullopt;  // gone, or not ours to read
  } catch (const StorageError& failure) {
    found.problem = failure.what();
  }
  return found;
}

}  // namespace

Bytes allocated_bytes(const File& file) {
  constexpr std::uint64_t unit_bytes = 512;  // of st_blocks
  return {static_cast<std::uint64_t>(facts_of(file).st_blocks) * unit_bytes};
}

StorageError shared_error(Kind kind, const std::string& path, std::string_view problem) {
  return {kind, {.tier = tier, .file = path}, problem};
}

StorageError shared_error(const std::string& path, const FileError& failure) {
  return shared_error(failure.error_number() == ENOMEM ? Kind::full : failure.kind(), path, failure.what());
}

std::string shared_path(std::string_view name) {
  if (!may_be_name(name))
    throw std::invalid_argument{fmt::format(
        "\"{}\" cannot be a name of shared memory; give 1 to {} letters, digits, '.', '_' or '-'", name, most_letters)};
  return std::string{folder}.append(prefix).append(name);
}

std::optional<std::string> shared_name_in(std::string_view path) {
  std::error_code unknown;  // the working directory
  const std::string whole = fs::absolute(path, unknown).lexically_normal().string();
  const std::string start = std::string{folder}.append(prefix);
  if (!whole.starts_with(start) || whole.find('/', start.size()) != whole.npos) return std::nullopt;
  return whole.substr(start.size());
}

std::vector<FoundArea> shared_areas() {
  std::vector<FoundArea> areas;
  std::error_code failed;
  for (fs::directory_iterator entry{folder, failed}, end; !failed && entry != end; entry.increment(failed))
    if (std::optional<FoundArea> found = look_at(*entry)) areas.push_back(std::move(*found));
  std::ranges::sort(areas, {}, &FoundArea::name);
  return areas;
}

void remove_shared_area(const std::string& name, System& system) {
  remove_area(name, Existing::replace, system);
}

void reclaim_shared_area(const std::string& name, System& system) {
  remove_area(name, Existing::replace_finished, system);
}

SharedArea new_shared_area(const std::string& name, Existing existing, System& system) {
  for (int tries = 0; tries < most_tries; ++tries) {
    if (std::optional<SharedArea> area = made_area(name, system)) return std::move(*area);
    remove_old(name, existing, system);
  }
  throw shared_error(Kind::mismatch, shared_path(name), in_use);
}

SharedArea existing_shared_area(const std::string& name, System& system) {
  const std::string path = shared_path(name);
  std::optional<SharedArea> area = found_area(name, system);
  if (!area) throw shared_error(Kind::absent, path, "there is no shared memory of that name");
  if (!completed(area->file)) throw shared_error(Kind::absent, path, "its run died before it was complete");
  return std::move(*area);
}

}  // namespace cairn
