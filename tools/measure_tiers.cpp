// SPDX-License-Identifier: BSD-3-Clause
#include "measure_tiers.hpp"

#include <cairn/core/probe.hpp>
#include <cairn/core/state.hpp>
#include <cairn/core/tier_set.hpp>
#include <cairn/storage/layout.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace cairn::tool {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr Slots most_slots = 3;  // each written again and again, as by a run

template <class Doing>
double seconds_of(const Doing& doing) {
  const Clock::time_point start = Clock::now();
  doing();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  const std::size_t half = values.size() / 2;
  std::ranges::sort(values);
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The medians of two things that are done in turn; the first round is left out.
struct TwoTimes {
  std::vector<double> there, back;
  template <class There, class Back>
  void round(const There& go_there, const Back& go_back) {
    there.push_back(seconds_of(go_there));
    back.push_back(seconds_of(go_back));
  }
  Measured::PerTier medians() const {
    return {.save_seconds = median({there.begin() + 1, there.end()}),
            .load_seconds = median({back.begin() + 1, back.end()})};
  }
};

/// One array, filled with what cannot be packed.
struct LiveState {
  explicit LiveState(Bytes bytes) : array(bytes.count) {
    fill_with_noise(std::as_writable_bytes(std::span{array}));
    state.add("state", array);
  }
  std::vector<std::uint8_t> array;
  State state;
};

/// As a run makes them: by all threads that may, and summed on the way.
Measured::PerTier measure_copies(const LiveState& live, const Layout& layout, bool summed, int rounds) {
  Pool pool{1, layout.buffer_bytes()};
  pool.touch(1);
  const Pool::Buffer buffer = pool.take();
  Copier copier{copy_threads_here(), layout.places().size(), layout.snapshot_bytes().count};
  TwoTimes times;
  Checksum sum;
  const auto save = [&](Step step) {
    if (summed)
      sum = live.state.save_and_sum(step, layout, buffer.bytes(), copier);
    else
      live.state.save(step, layout, buffer.bytes(), copier);
  };
  const auto load = [&](Step step) {
    if (summed)
      live.state.load_and_sum(step, layout, buffer.bytes(), copier, sum);
    else
      live.state.load(step, layout, buffer.bytes(), copier);
  };
  for (Step step = 0; step <= rounds; ++step) times.round([&] { save(step); }, [&] { load(step); });
  return times.medians();
}

/// Removes a file at its end, and what TierCreation leaves where it fails, at the latest.
class FileOfOurs {
 public:
  explicit FileOfOurs(std::string path) : path_{std::move(path)} {}
  FileOfOurs(const FileOfOurs&) = delete;
  ~FileOfOurs() { remove(); }
  const std::string& path() const { return path_; }
  void remove() const {
    std::error_code ignored;
    for (const std::string& path : {path_, path_ + ".new"}) fs::remove(path, ignored);
  }

 private:
  std::string path_;
};

Measured::PerTier measure_tier(const Config& config, std::size_t index, const Provision& provision,
                               const LiveState& live, const Layout& layout, int rounds) {
  const FileOfOurs file{path_beside(config.tiers[index].path)};
  const Slots slots = std::min(most_slots, provision.slots[index]);
  Config alone = config;
  alone.tiers = {config.tiers[index]};
  alone.tiers[0].path = file.path();
  TierSet tiers{alone, layout, {.pool = 1, .slots = {slots}}};
  file.remove();  // the tier has it open; nothing asks for its name from now on
  Tier& tier = tiers.at(Level{0});
  tiers.pool().touch(1);
  const Pool::Buffer buffer = tiers.pool().take();
  live.state.save(0, layout, buffer.bytes());
  const Checksum sum = checksum_of(layout, buffer.bytes());  // lanes take none
  TwoTimes times;
  for (Step step = 0; step <= rounds; ++step) {
    const Slot slot{step % slots};
    times.round([&] { tier.save(slot, step, buffer.bytes(), sum); },
                [&] { tier.load_unchecked(slot, step, buffer.bytes()); });
    tier.release(slot);
  }
  return times.medians();
}

double four_digits(double cost) {
  return std::stod(fmt::format("{:.3e}", cost));
}

}  // namespace

Measured measure_tiers(const Config& config, Bytes snapshot, int rounds) {
  const Layout layout{{{.name = "state", .type = ElementType::uint8, .extents = {snapshot.count}}}};
  config.check();
  const Provision provision = provide(config, layout.buffer_bytes());
  const LiveState live{snapshot};
  const Measured::PerTier copies = measure_copies(live, layout, config.verify != Verify::never, rounds);
  Measured measured{.copy_out_seconds = copies.save_seconds, .copy_in_seconds = copies.load_seconds, .tiers = {}};
  for (std::size_t i = 0; i < config.tiers.size(); ++i)
    measured.tiers.push_back(
        config.tiers[i].kind == TierKind::ram ? copies : measure_tier(config, i, provision, live, layout, rounds));
  return measured;
}

TierCosts costs_of(const Config& config, const Measured& measured, std::size_t tier, double step_seconds) {
  const bool in_memory = config.tiers[tier].kind == TierKind::ram;  // copied, no more
  const Measured::PerTier& own = measured.tiers[tier];
  const double save = own.save_seconds + (in_memory ? 0 : measured.copy_out_seconds);
  const double load = own.load_seconds + (in_memory ? 0 : measured.copy_in_seconds);
  return {.save = four_digits(save / step_seconds), .load = four_digits(load / step_seconds)};
}

std::string path_beside(const std::string& path) {
  std::error_code ignored;
  const std::string file = fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored).string() : path;
  for (int tries = 0;; ++tries) {
    std::string beside = fmt::format("{}.measure-{}{}", file, ::getpid(), tries == 0 ? "" : fmt::format("-{}", tries));
    if (!fs::exists(fs::symlink_status(beside, ignored)) && !fs::exists(fs::symlink_status(beside + ".new", ignored)))
      return beside;
  }
}

}  // namespace cairn::tool
