// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/config.hpp>

#include <array>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace cairn {
namespace {

constexpr Slots pool_without_ram = 2;  // one buffer to stage the live state in, one to read into

// "400 MiB", "4.9 MiB": with one decimal where it is not whole, `rounded` by std::round or std::ceil.
std::string size_text(Bytes bytes, double (*rounded)(double)) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  std::uint64_t unit_bytes = 1;
  while (unit + 1 < units.size() && bytes.count >= unit_bytes * 1024) {
    unit_bytes *= 1024;
    ++unit;
  }
  if (bytes.count % unit_bytes == 0) return fmt::format("{} {}", bytes.count / unit_bytes, units[unit]);
  const double tenths = rounded(static_cast<double>(bytes.count) / static_cast<double>(unit_bytes) * 10);
  return fmt::format("{:.1f} {}", tenths / 10, units[unit]);
}
std::string said(Bytes bytes) {
  return size_text(bytes, [](double tenths) { return std::round(tenths); });
}

// What to write instead, in the unit that the user chose.
std::string enough_for(Slots slots, const Capacity& capacity, Bytes buffer_bytes) {
  if (capacity.in_slots()) return Capacity::of_slots(slots).text();
  return size_text(buffer_bytes * static_cast<std::uint64_t>(slots), [](double tenths) { return std::ceil(tenths); });
}

std::string snapshots(Slots count, Bytes buffer_bytes) {
  const std::string size = said(buffer_bytes);
  if (count == 0) return fmt::format("no snapshot of {}", size);
  return fmt::format("{} snapshot{} of {}", count, count == 1 ? "" : "s", size);
}

[[noreturn]] void refuse(const Config& config, std::size_t tier, const std::string& what) {
  throw std::invalid_argument{config.place_of(fmt::format("tiers[{}].capacity", tier)) + what};
}

}  // namespace

Provision provide(const Config& config, Bytes buffer_bytes) {
  config.check_values();
  Provision provision;
  for (const TierConfig& tier : config.tiers) provision.slots.push_back(tier.capacity.slots_of(buffer_bytes));
  const bool ram = config.tiers[0].kind == TierKind::ram;
  const bool slower = config.tiers.size() > 1;
  for (std::size_t i = 0; i < config.tiers.size(); ++i) {
    const Slots held = provision.slots[i];
    const Capacity& capacity = config.tiers[i].capacity;
    if (i == 0 && ram && slower && held < 2)
      refuse(config, i,
             fmt::format("{} holds {}; beside slower tiers 2 are needed, a slot and a staging buffer; give {}",
                         capacity.text(), snapshots(held, buffer_bytes), enough_for(2, capacity, buffer_bytes)));
    if (held < 1)
      refuse(config, i,
             fmt::format("{} holds {}; give at least {}", capacity.text(), snapshots(held, buffer_bytes),
                         enough_for(1, capacity, buffer_bytes)));
  }
  provision.pool = ram ? provision.slots[0] : pool_without_ram;
  const bool shares_buffers = config.schedule == ScheduleKind::overlap ||
                              (config.schedule == ScheduleKind::automatic && overlaps(config));  // by a rule of its own
  if (ram && slower && !shares_buffers) --provision.slots[0];
  return provision;
}

Problem problem_of(const Config& config, const Provision& provision, Step steps) {
  Problem problem{.steps = steps, .levels = {}, .period = config.period, .stored = {}, .buffers = provision.pool};
  for (std::size_t i = 0; i < config.tiers.size(); ++i)
    problem.levels.push_back({.slots = provision.slots.at(i),
                              .save_cost = config.tiers[i].save_cost.value_or(0.0),
                              .load_cost = config.tiers[i].load_cost.value_or(0.0)});
  problem.turn_cost = config.costs.turn.value_or(problem.turn_cost);
  return problem;
}

}  // namespace cairn
