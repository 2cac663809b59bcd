// SPDX-License-Identifier: BSD-3-Clause
/// The configuration of a run: schedule, tiers, promises. From YAML or made in code.
#pragma once

#include <cairn/schedulers/make_schedule.hpp>
#include <cairn/storage/tier.hpp>
#include <cairn/words.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn {

/// What a tier is made of: memory of the process, a mapped file, an HDF5 file.
enum class TierKind { ram, mmap, hdf5 };
/// Storage works beside the operators, or one action follows the other in the caller's thread.
enum class ExecutorKind { asynchronous, sequential };
/// The word for it in the YAML: "hdf5", "sequential", "always", "power".
std::string_view name_of(TierKind kind);
std::string_view name_of(ExecutorKind kind);      ///< "sequential"
std::string_view name_of(Verify verify);          ///< "always"
std::string_view name_of(Durability durability);  ///< "power"
enum class OnTierFailure;
std::string_view name_of(OnTierFailure on_tier_failure);  ///< "go_on"
/// The schedule of that name. Throws std::invalid_argument that lists the names, or says that this one is of a later
/// version.
ScheduleKind schedule_named(std::string_view name);
struct Config;
/// Does storage work beside the operators, with RAM as the first tier and slower ones behind it? Then `overlap` makes
/// sense, and `auto` weighs makespans.
bool overlaps(const Config& config);
/// Is it made for given costs of storage? overlap, hrevolve and disk_revolve are: without costs their plans mean
/// nothing. A run measures those that its configuration leaves open; `cairn plan` runs nothing and must be told.
bool needs_costs(ScheduleKind kind);

/// How much a tier may hold: bytes or a number of snapshots. A limit, not a reservation.
class Capacity {
 public:
  static Capacity of(Bytes bytes) { return Capacity{bytes}; }
  static Capacity of_slots(Slots slots) { return Capacity{slots}; }
  /// "512 MiB", "1.5 GB", "10 slots"; units are B, KiB to TiB (powers of 1024), kB to TB (of 1000). Throws
  /// std::invalid_argument saying what would be right.
  static Capacity parse(std::string_view text);
  /// Snapshots of this size that fit, at most limits::slots. `buffer_bytes` is above 0, else std::invalid_argument.
  Slots slots_of(Bytes buffer_bytes) const;
  bool in_slots() const { return std::holds_alternative<Slots>(amount_); }
  /// Why no tier can have this capacity, and what would be right; empty where one can.
  std::string problem() const;
  std::string text() const;  ///< "512 MiB": what parse() takes back.
  bool operator==(const Capacity&) const = default;

 private:
  explicit Capacity(std::variant<Bytes, Slots> amount) : amount_{amount} {}
  std::variant<Bytes, Slots> amount_;
};

/// One tier as the user wants it; its place in Config::tiers is its level.
struct TierConfig {
  TierKind kind = TierKind::ram;
  std::string path = {};  ///< of mmap and hdf5; relative to the working directory
  Capacity capacity = Capacity::of_slots(1);
  /// Seconds to save one snapshot / seconds of one forward step, 0 to Problem::most_cost; for planning.
  /// PerLevel::save_cost of a Report. Unset: measured while running.
  std::optional<double> save_cost = std::nullopt;
  std::optional<double> load_cost = std::nullopt;  ///< the same for loads
  /// Of ram: in POSIX shared memory, where its snapshots outlive the process (docs/reliability.md).
  bool shared = false;
  std::string name = {};  ///< of shared memory, /dev/shm/cairn.<name>; empty: made from Config::run_id
  bool operator==(const TierConfig&) const = default;
};

/// What the user says of the times of his operators; what is not said is measured while they run.
struct CostsConfig {
  std::optional<double> advance_seconds = std::nullopt;  ///< of one forward step, 1e-9 to 1e9
  std::optional<double> turn = std::nullopt;             ///< ub: seconds of one reverse call / of one forward step
  bool operator==(const CostsConfig&) const = default;
};

/// How the threads run that move snapshots.
struct LanesConfig {
  std::vector<int> cpus = {};  ///< the processors that they may use; empty: all that the process may use
  int nice = usual_nice;       ///< added to the niceness of the process, 0 to 19
  /// The operators keep their speed, and a run is no slower: docs/performance.md, docs/design.md.
  static constexpr int usual_nice = 10;
  bool operator==(const LanesConfig&) const = default;
};

/// When a tier cannot save any more (a full disk, a device's fault): the run goes on with the others, and what the tier
/// holds may still be read; or it is an error.
enum class OnTierFailure { go_on, stop };

/// Everything that a user chooses. Members may be set in code; `check()` is called by whoever uses it.
struct Config {
  ScheduleKind schedule = ScheduleKind::automatic;  ///< the shortest predicted run of all that fit
  std::optional<Step> period = std::nullopt;        ///< of `periodic`
  std::vector<TierConfig> tiers = {};               ///< fastest first; at most one ram tier, and it is the first
  Durability durability = Durability::process;
  Verify verify = Verify::disk;  ///< replay: a state that is computed again must be the one that it was, too
  ExecutorKind executor = ExecutorKind::asynchronous;
  CostsConfig costs = {};
  LanesConfig lanes = {};
  /// That copy the live state, the operators' own included: 1 to Copier::most_threads. Nothing: the operators' OpenMP
  /// team, or as many as prove the quickest. The sequential executor copies by one.
  std::optional<int> copy_threads = std::nullopt;

  /// Go on with the run whose snapshots the tiers' files hold, where there is one (docs/reliability.md).
  bool resume = false;
  bool overwrite = false;   ///< the file of a run that has not ended may be replaced
  std::string run_id = {};  ///< anything that tells this run from others with the same state and length
  /// From the construction of a Reversal: then it stops, so that another process may go on (Reversal::request_stop()).
  std::optional<double> stop_after_seconds = std::nullopt;
  OnTierFailure on_tier_failure = OnTierFailure::go_on;
  double keep_every_seconds = 300;  ///< of what Reversal::keep() was given no more than so much work is lost

  /// Reads YAML. Throws std::invalid_argument: `file:line: key: what is wrong, what would be right`, for unknown keys,
  /// wrong types, impossible values, and keys of a later version.
  static Config from_file(const std::string& path);
  static Config from_yaml(const std::string& text, const std::string& name = "(yaml)");

  /// Throws std::invalid_argument where the configuration can work nowhere: no tier, more than limits::tiers, a
  /// capacity of nothing, two ram tiers or one that is not the first, a path twice, missing or given for ram, a cost,
  /// time or period below what it may be, a schedule that needs more tiers, a processor, niceness or number of threads
  /// that cannot be, shared memory without a name or with one that cannot be, verify: never with durability: power.
  /// Reading does this.
  void check_values() const;
  /// check_values(), and that each file can be made here (the folder of its path is there, the path is not a folder)
  /// and the lanes' processors are this process's.
  void check() const;
  /// YAML that from_yaml() reads back: the text that was read, or one made from the members where they were changed
  /// since.
  std::string yaml() const;
  /// Of the first tier's memory, where that is shared.
  std::optional<std::string> shared_name() const;
  /// Is there a tier whose snapshots outlive the process?
  bool outlives_process() const;
  /// "laptop.yaml:7: tiers[1].capacity: " of a key that was read, "tiers[1].capacity: " otherwise; for error texts.
  std::string place_of(const std::string& key) const;

 private:
  std::string made_yaml() const;
  void check_schedule() const;
  void check_costs() const;
  void check_cost(const std::string& key, const std::optional<double>& cost) const;
  void check_lanes() const;
  void check_copy_threads() const;
  void check_resume() const;
  void check_cpus() const;
  void check_tier(std::size_t index) const;
  void check_path(std::size_t index) const;
  void check_shared(std::size_t index) const;
  [[noreturn]] void refuse(const std::string& key, const std::string& what) const;

  std::string name_;                    // of the file; empty where nothing was read
  std::string text_;                    // as read
  std::string made_when_read_;          // made_yaml() then: is text_ still true?
  std::vector<TierConfig> tiers_read_;  // are lines_ of tiers still true?
  std::map<std::string, int> lines_;    // key → line
};

/// The buffers and slots that a configuration provides for snapshots of a size (DESIGN: pool).
struct Provision {
  Slots pool = 0;  ///< s: buffers in memory
  std::vector<Slots>
      slots;  ///< c_k per level; c_0 = s where RAM is the only tier or overlap shares the pool, else s − 1
};
/// Throws std::invalid_argument naming the key, the capacity and what would be right: a tier below one snapshot, a ram
/// tier below two beside slower tiers.
Provision provide(const Config& config, Bytes buffer_bytes);
/// The problem that schedules are made for: the provision's slots, the tiers' costs (0 where not given).
Problem problem_of(const Config& config, const Provision& provision, Step steps);

}  // namespace cairn
