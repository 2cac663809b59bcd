// SPDX-License-Identifier: BSD-3-Clause
#include "world.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace cairn::test {
namespace {

constexpr int most_operators = 100'000;  // of one process; 40 steps need some hundred
constexpr std::size_t sector_bytes = 512;

std::size_t index(Slot slot) {
  return static_cast<std::size_t>(slot.index);
}

void store(Contents& to, std::size_t slot_bytes, Part part, Slot slot, std::span<const std::byte> bytes) {
  const auto text = [&] { return std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()}; };
  switch (part) {
    case Part::row: std::memcpy(&to.rows[index(slot)], bytes.data(), sizeof(LedgerRow)); break;
    case Part::word: std::memcpy(&to.words[index(slot)], bytes.data(), sizeof(Step)); break;
    case Part::data:
      std::ranges::copy(bytes, to.data.begin() + static_cast<std::ptrdiff_t>(index(slot) * slot_bytes));
      break;
    case Part::identity: to.identity = text(); break;
    case Part::report: to.report = text(); break;
    case Part::end: to.end = text(); break;
    case Part::steps: std::memcpy(&to.steps, bytes.data(), sizeof(Step)); break;
  }
}

}  // namespace

SimulatedFile::SimulatedFile(std::string file_name, Slots count, std::size_t bytes_of_a_slot)
    : name{std::move(file_name)}, slot_bytes{bytes_of_a_slot} {
  const auto slots = static_cast<std::size_t>(count);
  now.rows.resize(slots);
  now.words.assign(slots, -1);
  now.data.resize(slots * slot_bytes);
  on_device = now;
  certain.assign(slots, -1);
  damaged.assign(slots, false);
}

std::span<const std::byte> SimulatedFile::data_of(Slot slot) const {
  return std::span{now.data}.subspan(index(slot) * slot_bytes, slot_bytes);
}

void World::violate(std::string text) {
  if (violation.empty()) violation = std::move(text);
  throw Violation{violation};
}

void World::begin_process(int kills_left, int faults_left) {
  dying_ = dead_ = false;
  operators_ = 0;
  faults_left_ = faults_left;
  pace_ = std::size_t{1} << random.below(6);
  kill_in_writes_ = kill_in_operators_ = -1;
  if (kills_left == 0) return;
  const int most = 1 << random.between(1, 8);
  (random.one_in(4) ? kill_in_operators_ : kill_in_writes_) = static_cast<int>(random.between(1, most));
}

void World::may_work() {
  if (working_ || dying_ || dead_) return;
  while (!random.one_in(pace_ + 1) && work_somewhere() && !random.one_in(2)) {
  }
}

void World::must_work() {
  if (working_) violate("a lane waits for another");
  if (!work_somewhere()) violate("deadlock: the operators wait, and no lane has anything to do");
}

bool World::work_somewhere() {
  const std::size_t first = lanes_.empty() ? 0 : random.below(lanes_.size());
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane* const before = std::exchange(working_, lanes_[(first + i) % lanes_.size()]);
    const bool worked = working_->work_once();
    working_ = before;
    if (worked) return true;
  }
  return false;
}

void World::at_an_operator() {
  check_alive();
  if (++operators_ > most_operators) violate("the run does not come to its end");
  may_work();
  if (kill_in_operators_ > 0 && --kill_in_operators_ == 0) die();
  check_alive();  // a lane's write may have been the last
}

void World::check_alive() {
  if (dead_) throw Killed{};
}

/// The jobs that other lanes are at come as far as they come; then nothing reaches a file any more.
void World::die() {
  dying_ = true;
  Lane* const at_work = working_;
  for (Lane* const lane : lanes_) {
    if (lane == at_work || random.one_in(2)) continue;
    last_writes_ = static_cast<int>(random.below(6));
    lane->work_once();
  }
  dead_ = true;
  throw Killed{};
}

bool World::is_faulty(std::size_t one_in) {
  if (faults_left_ <= 0 || dying_ || !random.one_in(one_in)) return false;
  --faults_left_;
  ++faults;
  return true;
}

void World::put(SimulatedFile& file, Part part, Slot slot, std::span<const std::byte> bytes) {
  check_alive();
  if (dying_ && last_writes_-- <= 0) throw Killed{};
  if (!dying_ && kill_in_writes_ > 0 && --kill_in_writes_ == 0) {
    if (part == Part::data)
      apply(file, part, slot, bytes.first(random.below(bytes.size() + 1)));
    else if (random.one_in(2))
      apply(file, part, slot, bytes);
    die();
  }
  fail_or_pass(file, part, slot, bytes);
}

void World::fail_or_pass(SimulatedFile& file, Part part, Slot slot, std::span<const std::byte> bytes) {
  if (is_faulty(60)) {
    const std::size_t which = random.below(5);
    file.full = file.full || which == 0;
    file.gone = file.gone || which == 1;
    if (which == 2 || which == 3) {
      if (part == Part::data) apply(file, part, slot, bytes.first(random.below(bytes.size() + 1)));
      throw FileError{"a write that the seed lets fail", which == 2 ? ENOSPC : EIO};
    }
    if (which == 4 && part == Part::data) {
      std::vector<std::byte> wrong{bytes.begin(), bytes.end()};
      wrong[random.below(wrong.size())] ^= std::byte{4};
      apply(file, part, slot, wrong);
      file.damaged[index(slot)] = true;
      return;
    }
  }
  if (file.gone) throw FileError{"a write to a device that is gone", EIO};
  if (file.full && part == Part::data) {
    apply(file, part, slot, bytes.first(random.below(bytes.size())));
    throw FileError{"a write to a full disk", ENOSPC};
  }
  apply(file, part, slot, bytes);
}

void World::apply(SimulatedFile& file, Part part, Slot slot, std::span<const std::byte> bytes) {
  store(file.now, file.slot_bytes, part, slot, bytes);
  if (durability_ == Durability::power) file.unsynced.push_back({part, slot, {bytes.begin(), bytes.end()}});
  note(file, part, slot);
}

/// What is committed is certain: under Durability::process at once, under power by the sync that follows.
void World::note(SimulatedFile& file, Part part, Slot slot) const {
  if (part != Part::word && part != Part::row) return;
  const std::size_t i = index(slot);
  if (file.now.words[i] < 0 || file.now.rows[i].status != SlotStatus::valid)
    file.certain[i] = -1;
  else if (durability_ == Durability::process)
    file.certain[i] = file.now.words[i];
  if (part == Part::row && file.now.rows[i].status == SlotStatus::writing) file.damaged[i] = false;
}

void World::read(SimulatedFile& file, Slot slot, std::span<std::byte> to) {
  check_alive();
  if (file.gone) throw FileError{"a read from a device that is gone", EIO};
  std::ranges::copy(file.data_of(slot), to.begin());
  if (!is_faulty(40)) return;
  if (random.one_in(2)) throw FileError{"a read that the seed lets fail", EIO};
  to[random.below(file.slot_bytes)] ^= std::byte{16};
}

void World::sync(SimulatedFile& file, bool truly) {
  check_alive();
  if (dying_ && last_writes_-- <= 0) throw Killed{};
  if (!dying_ && kill_in_writes_ > 0 && --kill_in_writes_ == 0) die();
  if (file.gone || is_faulty(60)) throw FileError{"a sync that the seed lets fail", EIO};
  if (truly) {
    for (const SimulatedFile::Write& write : file.unsynced)
      store(file.on_device, file.slot_bytes, write.part, write.slot, write.bytes);
    file.unsynced.clear();
  }
  for (std::size_t i = 0; i < file.slots(); ++i)
    file.certain[i] = file.now.rows[i].status == SlotStatus::valid ? file.now.words[i] : -1;
}

/// Any of the writes since the last sync, in any order, those of data sector by sector.
void World::cut_power(SimulatedFile& file) {
  std::vector<SimulatedFile::Write>& writes = file.unsynced;
  for (std::size_t i = writes.size(); i > 1; --i) std::swap(writes[i - 1], writes[random.below(i)]);
  for (const SimulatedFile::Write& write : writes) {
    if (random.one_in(2)) continue;
    std::vector<std::byte> bytes = write.bytes;
    if (write.part == Part::data)
      for (std::size_t at = 0; at < bytes.size(); at += sector_bytes)
        if (random.one_in(3))
          std::ranges::copy_n(
              file.on_device.data.begin() + static_cast<std::ptrdiff_t>(index(write.slot) * file.slot_bytes + at),
              static_cast<std::ptrdiff_t>(std::min(sector_bytes, bytes.size() - at)),
              bytes.begin() + static_cast<std::ptrdiff_t>(at));
    store(file.on_device, file.slot_bytes, write.part, write.slot, bytes);
  }
  writes.clear();
  file.now = file.on_device;
}

}  // namespace cairn::test
