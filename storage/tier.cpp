// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/tier.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace cairn {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::int64_t nanoseconds_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void check_size(std::size_t given, Bytes needed) {
  if (given != needed.count)
    throw std::logic_error{fmt::format("a snapshot of {} bytes for a layout of {} bytes", given, needed.count)};
}

std::int64_t nanoseconds(Clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
}

constexpr double warm_up_seconds = .05;  // a transfer that is longer is not taken again

/// Seconds of a transfer: of the shorter of two, where it is short.
template <class Transfer>
double timed(const Transfer& transfer) {
  const auto once = [&] {
    const Clock::time_point start = Clock::now();
    transfer();
    return seconds_since(start);
  };
  const double first = once();
  return first < warm_up_seconds ? std::min(first, once()) : first;
}

}  // namespace

/// One call of save() or load().
class Tier::Call {
 public:
  explicit Call(Timed& of) : of_{of} { of_.began = nanoseconds(start_.time_since_epoch()); }
  ~Call() { of_.began = 0; }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  /// Counts from now on, and is under way no more: never both, to whoever reads the sums first.
  void succeeded() {
    of_.began = 0;
    of_.seconds += seconds_since(start_);
    ++of_.count;
  }

 private:
  Timed& of_;
  const Clock::time_point start_ = Clock::now();
};

std::optional<double> Tier::Timed::under_way() const {
  const std::int64_t since = began;
  if (since == 0) return std::nullopt;
  return static_cast<double>(nanoseconds(Clock::now().time_since_epoch()) - since) * 1e-9;
}

Tier::Tier(std::string kind, std::string file, const Layout& layout, Slots slots, Promise promise)
    : kind_{std::move(kind)},
      file_{std::move(file)},
      layout_{&layout},
      promise_{promise},
      ledger_{std::clamp<Slots>(slots, 0, limits::slots)} {
  if (slots < 1 || slots > limits::slots)
    throw std::invalid_argument{
        fmt::format("{} tier: {} slots; from 1 to {} are possible", kind_, slots, limits::slots)};
  if (promise.verify == Verify::never && promise.durability == Durability::power)
    throw std::invalid_argument{fmt::format(
        "{} tier: durability power needs checksums: after power loss they alone tell torn data; use verify disk",
        kind_)};
}

void Tier::save(Slot slot, Step step, std::span<const std::byte> snapshot, const Checksum& sum) {
  Call call{saves_};
  store(slot, step, snapshot, sum);
  call.succeeded();
}

void Tier::store(Slot slot, Step step, std::span<const std::byte> snapshot, const Checksum& sum) {
  check_size(snapshot.size(), layout_->buffer_bytes());
  check_taken_over();
  ledger_.begin(slot, step);
  try {
    in_place(slot, step, [&] {
      put_step(slot, -1);
      record(slot);
      write(slot, snapshot);
      if (promise_.durability == Durability::power) sync();
    });
    ledger_.commit(slot, sum_for(snapshot, sum));
    in_place(slot, step, [&] {
      record(slot);
      put_step(slot, step);
      if (promise_.durability == Durability::power) sync();
    });
  } catch (...) {
    // In the file the row says `writing`, or `valid` of data that is whole: what a reader may take is true.
    ledger_.fail(slot);
    throw;
  }
}

void Tier::load(Slot slot, Step step, std::span<std::byte> snapshot) {
  Call call{loads_};
  read_stored(slot, step, snapshot);
  check_sum(slot, snapshot);  // after the copy: what the caller gets is what was summed
  call.succeeded();
}

Checksum Tier::load_unchecked(Slot slot, Step step, std::span<std::byte> snapshot) {
  Call call{loads_};
  read_stored(slot, step, snapshot);
  call.succeeded();
  return sum_kept(slot);
}

void Tier::read_stored(Slot slot, Step step, std::span<std::byte> snapshot) {
  check_size(snapshot.size(), layout_->buffer_bytes());
  check_taken_over();
  expect(slot, step);
  in_place(slot, step, [&] { read(slot, snapshot); });
}

Tier::Pace Tier::pace() const {
  return {.saves = saves_.count,
          .loads = loads_.count,
          .save_seconds = saves_.seconds,
          .load_seconds = loads_.seconds,
          .save_under_way = saves_.under_way(),
          .load_under_way = loads_.under_way()};
}

void Tier::release(Slot slot) {
  check_taken_over();
  const Step step = ledger_.at(slot).step;
  if (ledger_.at(slot).status != SlotStatus::valid)
    throw error(StorageError::Kind::absent, slot, -1, "nothing to release; the slot holds no snapshot");
  ledger_.release(slot);
  in_place(slot, step, [&] {
    put_step(slot, -1);
    record(slot);
  });
}

Tier::Probed Tier::probe(Slot slot, std::span<std::byte> buffer) {
  check_size(buffer.size(), layout_->buffer_bytes());
  check_taken_over();
  if (const SlotStatus status = ledger_.at(slot).status; !may_become(status, SlotStatus::writing))
    throw std::logic_error{
        fmt::format("slot {} is {}; a probe needs a slot without a snapshot", slot.index, name_of(status))};
  Probed probed;
  try {
    in_place(slot, -1, [&] { probed = probe_both_ways(slot, buffer); });
  } catch (...) {
    after_probe(slot);
    throw;
  }
  after_probe(slot);
  return probed;
}

Tier::Probed Tier::probe_both_ways(Slot slot, std::span<std::byte> buffer) {
  Probed probed;
  probed.save_seconds = timed([&] {
    write(slot, buffer);
    if (promise_.durability == Durability::power) sync();
  });
  const Checksum saved = sum_for(buffer);
  probed.load_seconds = timed([&] { read(slot, buffer); });
  if (const Checksum found = sum_for(buffer); found != saved)
    throw error(StorageError::Kind::corrupt, slot, -1,
                fmt::format("the bytes read are not those that were written to try it: checksum {} instead of {}",
                            to_string(found), to_string(saved)));
  return probed;
}

bool Tier::sums() const {
  return promise_.verify != Verify::never && (promise_.verify != Verify::disk || !file_.empty());
}

Checksum Tier::sum_for(std::span<const std::byte> snapshot, const Checksum& known) const {
  if (!sums()) return {};
  return known != Checksum{} ? known : checksum_of(*layout_, snapshot);
}

void Tier::check_sum(Slot slot, std::span<const std::byte> snapshot) const {
  const Checksum kept = sum_kept(slot);
  if (kept == Checksum{}) return;
  if (const Checksum found = checksum_of(*layout_, snapshot); found != kept)
    throw wrong_sum(slot, ledger_.at(slot).step, found, kept);
}

Checksum Tier::sum_kept(Slot slot) const {
  return sums() ? ledger_.at(slot).checksum : Checksum{};
}

StorageError Tier::wrong_sum(Slot slot, Step step, const Checksum& found, const Checksum& saved) const {
  return error(StorageError::Kind::corrupt, slot, step,
               fmt::format("the bytes read are not those that were saved: checksum {} instead of {}", to_string(found),
                           to_string(saved)));
}

const Ledger::Stored& Tier::expect(Slot slot, Step step) const {
  const Ledger::Stored& held = ledger_.at(slot);
  if (held.status != SlotStatus::valid)
    throw error(StorageError::Kind::absent, slot, step,
                fmt::format("the slot holds no snapshot; it is {}", name_of(held.status)));
  if (held.step != step)
    throw error(StorageError::Kind::mismatch, slot, step, fmt::format("the slot holds step {}", held.step));
  return held;
}

StorageError Tier::error(StorageError::Kind kind, Slot slot, Step step, std::string_view problem) const {
  return {kind, {.tier = kind_, .file = file_, .slot = slot, .step = step}, problem};
}

void Tier::record(Slot slot) {
  const Ledger::Stored& held = ledger_.at(slot);
  LedgerRow row;
  row.step = held.step;
  row.sequence = held.sequence;
  row.bytes = layout_->snapshot_bytes().count;
  row.checksum = held.checksum;
  row.time = nanoseconds_now();
  row.status = held.status;
  row.run = run_hash_;
  row.seal();
  put_row(slot, row);
}

}  // namespace cairn
