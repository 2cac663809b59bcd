// SPDX-License-Identifier: BSD-3-Clause
// What a stencil on all cores keeps of its speed while snapshots go to disk without pause: by the lane, or by a thread
// of nothing but system calls.
#include <cairn/core/config.hpp>
#include <cairn/storage/hdf5_tier.hpp>
#include <cairn/storage/lane.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <raw_file.hpp>
#include <settings.hpp>
#include <snapshot.hpp>
#include <wave.hpp>

namespace cairn::bench {
namespace {

/// Something that writes beside the stencil. start() and stop() are not timed; after stop() nothing is left to write.
class Writer {
 public:
  Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  virtual ~Writer() = default;
  virtual void start() = 0;
  virtual void between_steps() {}
  virtual std::uint64_t written_bytes() = 0;  ///< since it was made
  virtual void stop() = 0;
};

constexpr Slots buffers = 4;  // so many snapshots wait or are being written: the lane always has work

/// The lane with an HDF5 tier; its queue is filled up between steps, as an executor does.
class LaneWriter final : public Writer {
 public:
  LaneWriter(std::filesystem::path path, const Snapshot& snapshot, Slots slots, Verify verify,
             const LaneSetting& setting)
      : path_{std::move(path)},
        pool_{buffers, snapshot.layout().buffer_bytes()},
        tier_{path_.string(),
              snapshot.layout(),
              slots,
              facts_of_this_process("none", ""),
              1,
              {.verify = verify, .durability = Durability::process}},
        lane_{setting} {
    pool_.touch(buffers);
    std::vector<Pool::Buffer> all;
    while (std::optional<Pool::Buffer> buffer = pool_.try_take()) {
      snapshot.state().save(0, snapshot.layout(), buffer->bytes());
      all.push_back(std::move(*buffer));
    }
    for (Slot slot; slot.index < slots; ++slot.index) tier_.save(slot, slot.index, all.front().bytes());
  }
  ~LaneWriter() override {
    lane_.drain();
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  void start() override { between_steps(); }
  void between_steps() override {
    while (std::optional<Pool::Buffer> buffer = pool_.try_take()) {
      lane_.release(tier_, next_);
      lane_.save(tier_, next_, next_.index, std::move(*buffer));
      next_.index = (next_.index + 1) % tier_.slots();
    }
  }
  std::uint64_t written_bytes() override { return lane_.figures().saved.count; }
  void stop() override {
    lane_.drain();
    lane_.rethrow_failure();
  }

 private:
  std::filesystem::path path_;
  Pool pool_;
  Hdf5Tier tier_;
  Slot next_;
  Lane lane_;
};

/// A thread that writes the same snapshots by system calls alone, nothing of cairn.
class RawWriter final : public Writer {
 public:
  enum class After { nothing, fdatasync };  ///< each snapshot
  RawWriter(std::filesystem::path path, const Snapshot& snapshot, Slots slots, RawFile::Cache cache, After after)
      : path_{std::move(path)},
        image_{snapshot.layout().buffer_bytes().count},
        slots_{slots},
        after_{after},
        file_{path_, image_.bytes().size() * static_cast<std::uint64_t>(slots), cache} {
    snapshot.state().save(0, snapshot.layout(), image_.bytes());
    for (Slots slot = 0; slot < slots; ++slot) write(slot);
    drop_cache(path_);
  }

  void start() override {
    thread_ = std::jthread{[this](const std::stop_token& stopped) {
      for (Slots slot = 0; !stopped.stop_requested(); slot = (slot + 1) % slots_) {
        write(slot);
        written_bytes_ += image_.bytes().size();
      }
    }};
  }
  std::uint64_t written_bytes() override { return written_bytes_; }
  void stop() override {
    thread_ = {};
    drop_cache(path_);
  }

 private:
  void write(Slots slot) {
    file_.write(image_.bytes().size() * static_cast<std::uint64_t>(slot), image_.bytes());
    if (after_ == After::fdatasync) file_.sync_data();
  }
  std::filesystem::path path_;
  Memory image_;
  Slots slots_;
  After after_;
  RawFile file_;
  std::atomic<std::uint64_t> written_bytes_ = 0;
  std::jthread thread_;
};

/// Steps of the wave that take about `seconds` alone.
int steps_for(Wave& wave, double seconds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  int steps = 0;
  std::chrono::duration<double> taken{};
  for (; taken.count() < seconds; taken = Clock::now() - start, ++steps) wave.step();
  return std::max(1, steps);
}

/// The stencil beside `writer`; the rates at which that wrote meanwhile are added to `rates`.
Way beside(std::string name, Wave& wave, int steps, Writer& writer, std::vector<double>& rates) {
  using Clock = std::chrono::steady_clock;
  const auto run = [&wave, steps, &writer, &rates] {
    const std::uint64_t before = writer.written_bytes();
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < steps; ++i) {
      wave.step();
      writer.between_steps();
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    rates.push_back(static_cast<double>(writer.written_bytes() - before) / 1e9 / seconds);
  };
  return {std::move(name), run, [&writer] { writer.start(); }, [&writer] { writer.stop(); }};
}

}  // namespace

void measure_lane(const Settings& settings, Table& table) {
  const std::string group = "stencil on all cores beside writing";
  if (!settings.wants(group)) return;
  const std::uint64_t bytes = settings.quick ? 4'000'000 : 64'000'000;
  const Slots slots = settings.quick ? 4 : 16;
  const double slice_seconds = settings.quick ? 0.05 : 1.0;

  const Snapshot snapshot{bytes};
  const LaneSetting usual{.nice = LanesConfig::usual_nice};
  LaneWriter plain{settings.folder / "plain.h5", snapshot, slots, Verify::never, usual};
  LaneWriter summed{settings.folder / "summed.h5", snapshot, slots, Verify::disk, usual};
  LaneWriter urgent{settings.folder / "urgent.h5", snapshot, slots, Verify::never, {.nice = 0}};
  LaneWriter urgent_summed{settings.folder / "urgent-summed.h5", snapshot, slots, Verify::disk, {.nice = 0}};
  using enum RawFile::Cache;
  using After = RawWriter::After;
  RawWriter raw{settings.folder / "raw.raw", snapshot, slots, direct, After::nothing};
  RawWriter cached{settings.folder / "cached.raw", snapshot, slots, buffered, After::nothing};
  RawWriter synced{settings.folder / "synced.raw", snapshot, slots, buffered, After::fdatasync};
  Wave wave{1681, 481};
  steps_for(wave, slice_seconds / 4);
  const int steps = steps_for(wave, slice_seconds);

  std::vector<std::vector<double>> rates(7);
  const std::vector<Way> ways{{"stencil alone",
                               [&] {
                                 for (int i = 0; i < steps; ++i) wave.step();
                               }},
                              beside("beside the hdf5 lane", wave, steps, plain, rates[0]),
                              beside("beside the hdf5 lane, checksums", wave, steps, summed, rates[1]),
                              beside("beside the hdf5 lane, nice 0", wave, steps, urgent, rates[2]),
                              beside("beside the hdf5 lane, checksums, nice 0", wave, steps, urgent_summed, rates[3]),
                              beside("beside O_DIRECT pwrite", wave, steps, raw, rates[4]),
                              beside("beside buffered pwrite", wave, steps, cached, rates[5]),
                              beside("beside buffered pwrite, fdatasync", wave, steps, synced, rates[6])};
  const std::vector<Rounds> measured = measure_in_turns(ways, settings.rounds);
  const double megacells = wave.cells() * steps / 1e6;
  for (std::size_t i = 1; i < ways.size(); ++i)
    table.add({.group = group,
               .ours = {.name = ways[i].name, .value = megacells / median_seconds(measured[i])},
               .baseline = {.name = ways[0].name, .value = megacells / median_seconds(measured[0])},
               .unit = "Mcell/s",
               .ratio = speed_ratio(measured[i], measured[0]),
               .note = fmt::format("{:.2f} GB/s written meanwhile", spread_of(rates[i - 1]).median)});
}

}  // namespace cairn::bench
