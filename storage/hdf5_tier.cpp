// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>
#include <cairn/storage/hdf5_format.hpp>
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/hdf5_tier_file.hpp>
#include <cairn/storage/log.hpp>
#include <cairn/storage/reserved_runs.hpp>
#include <cairn/storage/tier_creation.hpp>
#include <cairn/storage/tier_opening.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <sys/file.h>

namespace cairn {
namespace {

std::uint64_t index_of(Slot slot) {
  return static_cast<std::uint64_t>(slot.index);
}

template <class Value>
std::span<const std::byte> bytes_of(const Value& value) {
  return std::as_bytes(std::span{&value, 1});
}

/// A block of memory at a multiple of 4096.
struct Block {
  alignas(limits::block_bytes) std::byte bytes[limits::block_bytes];
};

/// The descriptor for regions. nullopt where the file system takes no direct requests, be it at opening or afterwards.
std::optional<File> open_direct(const std::string& path, System& system) {
  try {
    File file{path, File::Mode::write, File::Cache::direct, system};
    const auto block = std::make_unique<Block>();
    file.read(0, block->bytes);
    return file;
  } catch (const FileError& refusal) {
    if (refusal.error_number() != EINVAL && refusal.error_number() != EOPNOTSUPP) throw;
    log(spdlog::level::warn,
        "hdf5 tier: {}: the file system refuses O_DIRECT; snapshots go through its cache, which takes time from the "
        "operators' cores",
        path);
    return std::nullopt;
  }
}

/// Where HDF5_USE_FILE_LOCKING is set, the library locks whatever it is asked for, and our own flock would keep it out.
/// The other lock, which keeps out runs, stays; so the name that is not published yet is nobody else's.
template <class Making>
Hdf5Addresses without_flock(const File& file, const Making& make) {
  file.system().flock(file.descriptor(), LOCK_UN);
  const Hdf5Addresses at = make();
  if (file.lock() == File::Lock::another_program)
    throw FileError{"another program opened the file for writing while it was made", 0};
  return at;
}

void check_alignment(const void* memory) {
  if (reinterpret_cast<std::uintptr_t>(memory) % limits::block_bytes != 0)
    throw std::logic_error{"hdf5 tier: the buffer of a snapshot begins at a multiple of 4096, as those of the pool do"};
}

}  // namespace

struct Hdf5Tier::Open {
  File buffered;               // holds the locks
  std::optional<File> direct;  // for regions only; no page is ever written through both
  std::string name;            // as the user gave it
  Hdf5Addresses at;
  std::size_t levels;
  Slots slots;
  ReservedRuns reserved;
  bool again = false;  // made by an earlier process

  const File& for_regions() const { return direct ? *direct : buffered; }

  /// Disk space for the run of slots that this one belongs to.
  void reserve_for(Slot slot, const Layout& layout) {
    reserved.before_use(
        slot, [&](Slot first, Slots count) { reserve(index_of(first), static_cast<std::uint64_t>(count), layout); });
  }

  void reserve(std::uint64_t first, std::uint64_t count, const Layout& layout) const {
    buffered.reserve(at.region + first * layout.region_bytes(), count * layout.region_bytes());
    for (std::size_t f = 0; f < layout.places().size(); ++f)
      if (const Layout::Place& place = layout.places()[f]; !place.large)
        buffered.reserve(at.small[f] + first * place.bytes, count * place.bytes);
  }

  /// put, put_text and sync: for what belongs to the run and not to a slot.
  void put(std::uint64_t offset, std::span<const std::byte> bytes) const {
    named([&] { buffered.write(offset, bytes); });
  }

  void sync() const {
    named([&] { buffered.sync_data(); });
  }

  template <class Doing>
  void named(const Doing& doing) const {
    try {
      doing();
    } catch (const FileError& failure) {
      throw StorageError{failure.kind(), {.tier = "hdf5", .file = name}, failure.what()};
    }
  }

  void put_text(std::uint64_t offset, std::string_view text, std::size_t bytes) const {
    std::string padded{text.substr(0, bytes)};
    padded.resize(bytes);
    put(offset, std::as_bytes(std::span{padded}));
  }
};

Hdf5Tier::Hdf5Tier(const std::string& path, const Layout& layout, Slots slots, const RunFacts& facts,
                   std::int32_t levels, Promise promise, System& system, Existing existing)
    : Tier{"hdf5", path, layout, slots, promise} {
  TierCreation creation{"hdf5", path, system, is_cairn_file, existing};
  try {
    const Hdf5Addresses at = without_flock(
        creation.file(), [&] { return create_hdf5_file(creation.file().path(), layout, slots, facts, levels); });
    creation.file().reserve(at.ledger, static_cast<std::uint64_t>(slots) * sizeof(LedgerRow));  // else all is written
    File file = creation.publish();
    const std::string published = file.path();
    open_.reset(new Open{.buffered = std::move(file),
                         .direct = std::nullopt,
                         .name = path,
                         .at = at,
                         .levels = static_cast<std::size_t>(std::max(levels, 1)),
                         .slots = slots,
                         .reserved = ReservedRuns{slots, layout.buffer_bytes()}});
    if (layout.region_bytes() > 0) open_->direct = open_direct(published, system);
  } catch (const FileError& failure) {
    throw error(failure.kind(), Slot{-1}, -1, failure.what());
  }
}

Hdf5Tier::Hdf5Tier(const std::string& path, const Layout& layout, Slots slots, Promise promise,
                   std::unique_ptr<Open> open)
    : Tier{"hdf5", path, layout, slots, promise}, open_{std::move(open)} {}

std::unique_ptr<Hdf5Tier> Hdf5Tier::reopen(const std::string& path, const Layout& layout, Promise promise,
                                           System& system) {
  try {
    File locked = open_for_run("hdf5", path, system);
    Hdf5Contents contents = read_hdf5_file(locked);
    check_layout("hdf5", path, contents.layout, layout);
    Hdf5TierFile file{std::move(locked), std::move(contents)};
    const Slots slots = file.slots();
    std::unique_ptr<Hdf5Tier> tier{new Hdf5Tier{path, layout, slots, promise, nullptr}};
    tier->found_ = file.run();
    tier->begin_finding(run_hash_of(tier->found_.identity));
    each_piece(file, [&](Slot first, std::span<const LedgerRow> rows, std::span<const Step> words) {
      tier->find(first, rows, words);
    });
    tier->open_.reset(new Open{.buffered = file.take_file(),
                               .direct = std::nullopt,
                               .name = path,
                               .at = file.contents().at,
                               .levels = file.contents().levels,
                               .slots = slots,
                               .reserved = ReservedRuns{slots, layout.buffer_bytes()},
                               .again = true});
    if (layout.region_bytes() > 0) tier->open_->direct = open_direct(path, system);
    return tier;
  } catch (const FileError& failure) {
    throw StorageError{failure.kind(), {.tier = "hdf5", .file = path}, failure.what()};
  }
}

Hdf5Tier::~Hdf5Tier() = default;

bool Hdf5Tier::direct() const {
  return open_->direct.has_value();
}

std::optional<std::uint64_t> Hdf5Tier::device() const {
  return open_->buffered.device();
}

void Hdf5Tier::put_identity_text(std::string_view json) {
  open_->put_text(open_->at.identity, json, identity_bytes);
  make_durable();
  run_hash(run_hash_of(json));
}

void Hdf5Tier::put_steps(Step steps) {
  open_->put(open_->at.steps, bytes_of(steps));
  make_durable();
}

void Hdf5Tier::put_summary(const RunSummary& summary) {
  const bool as_made = summary.actions.size() == open_->levels && summary.stall_seconds.size() == open_->levels;
  if (!as_made && !open_->again)
    throw std::invalid_argument{fmt::format("a summary of {} and {} levels for a file of {}", summary.actions.size(),
                                            summary.stall_seconds.size(), open_->levels)};
  std::vector<std::int64_t> actions;  // by kind, then by level
  for (std::size_t kind = 0; kind < 4; ++kind)
    for (std::size_t level = 0; level < open_->levels; ++level)
      actions.push_back(level < summary.actions.size() ? summary.actions[level][kind] : 0);
  std::vector<double> stalls = summary.stall_seconds;
  stalls.resize(open_->levels);
  open_->put(open_->at.actions, std::as_bytes(std::span{actions}));
  open_->put(open_->at.stall_seconds, std::as_bytes(std::span{stalls}));
  open_->put(open_->at.advances, bytes_of(summary.advances));
  open_->put_text(open_->at.report, std::string_view{summary.report}.substr(0, report_bytes - 1), report_bytes);
  summary.end.empty() ? make_durable() : put_end(summary.end);
}

void Hdf5Tier::put_end(std::string_view end) {
  open_->put_text(open_->at.end, end, hdf5_end_bytes);
  make_durable();
}

void Hdf5Tier::make_durable() const {
  if (promise().durability == Durability::power) open_->sync();
}

void Hdf5Tier::write(Slot slot, std::span<const std::byte> snapshot) {
  open_->reserve_for(slot, layout());
  const auto region = snapshot.first(layout().region_bytes());
  const std::uint64_t start = open_->at.region + index_of(slot) * layout().region_bytes();
  if (open_->direct) check_alignment(region.data());
  open_->for_regions().write(start, region);
  for (std::size_t f = 0; f < layout().places().size(); ++f)
    if (const Layout::Place& place = layout().places()[f]; !place.large)
      open_->buffered.write(open_->at.small[f] + index_of(slot) * place.bytes,
                            snapshot.subspan(place.offset, place.bytes));
}

void Hdf5Tier::read(Slot slot, std::span<std::byte> snapshot) {
  const auto region = snapshot.first(layout().region_bytes());
  const std::uint64_t start = open_->at.region + index_of(slot) * layout().region_bytes();
  if (open_->direct) check_alignment(region.data());
  open_->for_regions().read(start, region);
  for (std::size_t f = 0; f < layout().places().size(); ++f)
    if (const Layout::Place& place = layout().places()[f]; !place.large)
      open_->buffered.read(open_->at.small[f] + index_of(slot) * place.bytes,
                           snapshot.subspan(place.offset, place.bytes));
}

void Hdf5Tier::put_row(Slot slot, const LedgerRow& row) {
  open_->buffered.write(open_->at.ledger + index_of(slot) * sizeof row, bytes_of(row));
}

void Hdf5Tier::put_step(Slot slot, Step step) {
  open_->buffered.write(open_->at.steps_of_slots + index_of(slot) * sizeof step, bytes_of(step));
}

void Hdf5Tier::put_words(Slot first, std::span<const Step> words) {
  open_->buffered.write(open_->at.steps_of_slots + index_of(first) * sizeof(Step), std::as_bytes(words));
}

void Hdf5Tier::sync() {
  open_->buffered.sync_data();
}  // of the file, whichever descriptor wrote

}  // namespace cairn
