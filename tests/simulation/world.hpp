// SPDX-License-Identifier: BSD-3-Clause
/// The machine of the simulation: lanes that work when a seed says so, files that fail, and the end of the process.
#pragma once

#include "random.hpp"
#include <cairn/storage/conductor.hpp>
#include <cairn/storage/lane.hpp>
#include <cairn/storage/ledger.hpp>
#include <cairn/storage/tier.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace cairn::test {

/// The process is no more; nothing that it does reaches a file. No std::exception: nobody is to catch it on the way.
struct Killed {};

/// Something that must never be.
class Violation {
 public:
  explicit Violation(std::string text) : text_{std::move(text)} {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// What a tier's file holds.
struct Contents {
  std::vector<LedgerRow> rows;
  std::vector<Step> words;
  std::vector<std::byte> data;  ///< slot after slot
  std::string identity, report, end;
  Step steps = -1;
};
enum class Part { row, word, data, identity, report, end, steps };

/// A file, as it outlives processes.
struct SimulatedFile {
  SimulatedFile(std::string file_name, Slots count, std::size_t bytes_of_a_slot);
  std::size_t slots() const { return now.rows.size(); }
  std::span<const std::byte> data_of(Slot slot) const;

  struct Write {
    Part part;
    Slot slot;
    std::vector<std::byte> bytes;
  };
  std::string name;
  std::size_t slot_bytes;
  Contents now;                 ///< what programs see
  Contents on_device;           ///< what a power cut leaves at least, under Durability::power
  std::vector<Write> unsynced;  ///< in order
  std::vector<Step> certain;    ///< by slot: this snapshot is committed, nothing may take it away; −1: none is
  std::vector<bool> damaged;    ///< by slot: its bytes were falsified
  bool full = false;            ///< no room for data
  bool gone = false;            ///< everything fails
};

/// All of it is drawn from one seed. It conducts the lanes of the process under way.
class World final : public Conductor {
 public:
  World(std::uint64_t seed, Durability durability) : random{seed}, durability_{durability} {}

  // Lanes.
  void enlist(Lane& lane) override { lanes_.push_back(&lane); }
  void dismiss(Lane& lane) noexcept override { std::erase(lanes_, &lane); }
  void may_work() override;
  void must_work() override;

  // Files: what SimulatedTier does to them.
  void put(SimulatedFile& file, Part part, Slot slot, std::span<const std::byte> bytes);
  void read(SimulatedFile& file, Slot slot, std::span<std::byte> to);
  void sync(SimulatedFile& file, bool truly = true);  ///< false: says so, and does nothing

  // The process.
  void begin_process(int kills_left, int faults_left);
  void at_an_operator();  ///< A moment at which lanes work, or the process ends. Throws Killed, Violation.
  bool dead() const { return dead_; }
  int faults_left() const { return faults_left_; }
  /// After its end: what a power cut leaves of a file.
  void cut_power(SimulatedFile& file);

  Random random;
  int faults = 0;         ///< that have happened so far
  int kills = 0;          ///< of earlier processes
  std::string violation;  ///< the first one

  /// Notes it, and throws.
  [[noreturn]] void violate(std::string text);

 private:
  bool work_somewhere();
  void die();
  void check_alive();
  bool is_faulty(std::size_t one_in);
  void fail_or_pass(SimulatedFile& file, Part part, Slot slot, std::span<const std::byte> bytes);
  void apply(SimulatedFile& file, Part part, Slot slot, std::span<const std::byte> bytes);
  void note(SimulatedFile& file, Part part, Slot slot) const;

  Durability durability_;
  std::vector<Lane*> lanes_;
  Lane* working_ = nullptr;
  std::size_t pace_ = 1;     // a lane works at one of so many moments
  int kill_in_writes_ = -1;  // below 0: not so
  int kill_in_operators_ = -1;
  int faults_left_ = 0;
  int last_writes_ = 0;  // of another lane, while the process dies
  bool dying_ = false;
  bool dead_ = false;
  int operators_ = 0;  // since the process began
};

}  // namespace cairn::test
