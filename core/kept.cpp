// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/kept.hpp>
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/log.hpp>
#include <cairn/storage/shared_ram_tier.hpp>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace cairn {
namespace {

constexpr const char* phase_field = "cairn_reverse";
constexpr Slots generations = 2;
constexpr double most_of_the_time = .02;  // that commits may take of the operators'

State with_phase(const State& arrays, std::uint8_t& reverse) {
  State state = arrays;
  state.add(phase_field, reverse, Description{.long_name = "1: the reverse sweep, step is the last that is turned"});
  return state;
}

/// What is kept is worth a checksum, whatever snapshots get.
Tier::Promise promise_of(const Config& config) {
  return {.verify = Verify::always, .durability = config.durability};
}

}  // namespace

Kept::Kept(const State& arrays, const std::string& path, const Config& config, bool resume)
    : state_{with_phase(arrays, reverse_)},
      layout_{state_.fields()},
      pool_{1, layout_.buffer_bytes()},
      every_seconds_{config.keep_every_seconds} {
  pool_.touch(1);
  if (const std::optional<std::string> name = shared_name_in(path))
    open_memory(*name, config, resume);
  else
    open_file(path, config, resume);
}

void Kept::open_file(const std::string& path, const Config& config, bool resume) {
  std::unique_ptr<Hdf5Tier> tier;
  if (resume && std::filesystem::exists(path)) tier = Hdf5Tier::reopen(path, layout_, promise_of(config));
  if (tier && (tier->found().identity.empty() || !tier->found().end.empty())) tier.reset();
  if (!tier)
    tier = std::make_unique<Hdf5Tier>(path, layout_, generations, facts_of_this_process("kept", config.yaml()), 1,
                                      promise_of(config));
  record_ = tier.get();
  tier_ = std::move(tier);
}

void Kept::open_memory(const std::string& name, const Config& config, bool resume) {
  memory_ =
      run_memory({.name = name, .buffers = generations, .levels = 1, .existing = Existing::replace, .resume = resume},
                 layout_, facts_of_this_process("kept", config.yaml()));
  memory_pool_ = std::make_unique<Pool>(memory_->memory(), layout_.buffer_bytes());
  auto tier = std::make_unique<SharedRamTier>(*memory_, layout_, generations, *memory_pool_, promise_of(config));
  memory_pool_->touch(generations);
  record_ = tier.get();
  tier_ = std::move(tier);
}

Kept::Kept(const State& arrays, const MakeTier& make, std::function<bool()> due)
    : state_{with_phase(arrays, reverse_)},
      layout_{state_.fields()},
      pool_{1, layout_.buffer_bytes()},
      tier_{make(layout_, generations)},
      record_{&dynamic_cast<RunRecord&>(*tier_)},
      due_{std::move(due)} {
  pool_.touch(1);
}

std::string Kept::path_for(const std::string& tier_path) {
  if (shared_name_in(tier_path)) return tier_path + std::string{shared_ending};
  return std::filesystem::path{tier_path}.replace_extension(".kept.h5").string();
}

/// The valid slots.
std::vector<Slot> Kept::latest_first() const {
  std::vector<Slot> slots;
  for (Slot slot{0}; slot.index < generations; ++slot.index)
    if (tier_->ledger().at(slot).status == SlotStatus::valid) slots.push_back(slot);
  std::ranges::sort(slots, std::greater{}, [&](Slot slot) { return tier_->ledger().at(slot).sequence; });
  return slots;
}

bool Kept::in_reverse(std::span<const std::byte> generation) const {
  return generation[layout_.places().back().offset] != std::byte{0};
}

std::vector<Position> Kept::found(std::string_view identity) {
  if (!tier_->reopened() || record_->found().identity != identity) return {};
  tier_->take_over(pool_.take().bytes(), limits::steps + 1, Tier::Doubles::keep);
  return committed();
}

std::vector<Position> Kept::committed() {
  const Pool::Buffer buffer = pool_.take();
  std::vector<Position> positions;
  for (const Slot slot : latest_first()) {
    try {
      const Step step = tier_->ledger().at(slot).step;
      tier_->load(slot, step, buffer.bytes());
      holds_[slot.index] = Position{.reverse = in_reverse(buffer.bytes()), .step = step};
      positions.push_back(*holds_[slot.index]);
    } catch (const StorageError& problem) {  // the other generation may serve
      log(spdlog::level::warn, "what was kept is lost in part: {}", problem.what());
      tier_->drop(slot);
    }
  }
  if (const std::vector<Slot> whole = latest_first(); !whole.empty()) next_ = Slot{1 - whole.front().index};
  return positions;
}

void Kept::load(const Position& position) {
  std::optional<StorageError> unreadable;
  for (const Slot slot : latest_first()) {
    if (holds_[slot.index] != position) continue;
    const Pool::Buffer buffer = pool_.take();
    try {
      tier_->load(slot, position.step, buffer.bytes());
    } catch (const StorageError& problem) {
      unreadable = problem;
      continue;
    }
    state_.load(0, layout_, buffer.bytes());
    return;
  }
  if (unreadable) throw StorageError{*unreadable};
  throw std::logic_error{"what was kept at that position is not there"};
}

void Kept::begin(std::string_view identity) {
  if (tier_->reopened()) tier_->take_over(pool_.take().bytes(), 0);
  for (const Slot slot : latest_first()) tier_->release(slot);
  for (std::optional<Position>& held : holds_) held.reset();
  record_->put_identity(identity);
  committed_ = Clock::now();
}

void Kept::end() {
  record_->put_end(time_now());
}

bool Kept::is_due() const {
  if (due_) return can_prepare() && due_();
  const double since = std::chrono::duration<double>(Clock::now() - committed_).count();
  return since >= std::max(every_seconds_, copy_seconds_ / most_of_the_time) && can_prepare();
}

Kept::Commit Kept::prepare(const Position& position, Copier& copier) {
  Pool::Buffer buffer = pool_.take();  // the commit before is written, or has failed
  const bool replaces = tier_->ledger().at(next_).status == SlotStatus::valid;
  Commit commit{.slot = next_, .step = position.step, .replaces = replaces, .buffer = std::move(buffer), .sum = {}};
  const Clock::time_point start = Clock::now();
  reverse_ = position.reverse ? 1 : 0;
  if (tier_->sums())
    commit.sum = state_.save_and_sum(0, layout_, commit.buffer.bytes(), copier);
  else
    state_.save(0, layout_, commit.buffer.bytes(), copier);
  committed_ = Clock::now();
  copy_seconds_ = std::chrono::duration<double>(committed_ - start).count();
  holds_[next_.index] = position;
  next_.index = 1 - next_.index;
  return commit;
}

}  // namespace cairn
