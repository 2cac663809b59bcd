// SPDX-License-Identifier: BSD-3-Clause
/// What a recorded file may hold after a crash.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <support/recording_system.hpp>

namespace cairn::test {

/// The content of one file between two events.
///
/// A killed process leaves what was written so far. A loss of power leaves what was synchronised; of what was written
/// since, each sector of 512 bytes holds any of the contents that it has had, whatever other sectors hold.
class CrashImages {
 public:
  static constexpr std::size_t sector_bytes = 512;

  /// `before`: the file's content before the first event.
  CrashImages(std::span<const DiskEvent> events, int file, std::string before)
      : events_{events.begin(), events.end()}, file_{file}, before_{std::move(before)} {}

  std::size_t events() const { return events_.size(); }
  /// After the first `count` events and a kill.
  std::string after_kill(std::size_t count) const {
    std::string image = before_;
    for (std::size_t i = 0; i < count; ++i) apply(events_[i], image);
    return image;
  }
  /// After the first `count` events and a loss of power.
  std::string after_power_loss(std::size_t count, std::mt19937_64& random) const {
    std::size_t synced = 0;
    for (std::size_t i = 0; i < count; ++i)
      if (concerns(events_[i], DiskEvent::Kind::sync)) synced = i + 1;
    std::string image = after_kill(synced);
    std::map<std::size_t, std::vector<std::string>> sectors;  // what each may hold instead, oldest first
    std::vector<std::uint64_t> lengths{image.size()};
    std::string now = image;
    for (std::size_t i = synced; i < count; ++i) {
      if (!concerns(events_[i], DiskEvent::Kind::write)) continue;
      apply(events_[i], now);
      lengths.push_back(events_[i].length);
      const std::size_t end = events_[i].offset + events_[i].bytes.size();
      for (std::size_t at = events_[i].offset / sector_bytes * sector_bytes; at < end; at += sector_bytes)
        sectors[at].push_back(now.substr(at, sector_bytes));
    }
    constexpr std::array<double, 5> shares_of_the_newest{.02, .3, .5, .8, .98};
    const double newest = shares_of_the_newest[random() % shares_of_the_newest.size()];
    image.resize(std::bernoulli_distribution{newest}(random) ? lengths.back() : lengths[random() % lengths.size()]);
    for (const auto& [at, contents] : sectors) {
      const std::size_t chosen =
          std::bernoulli_distribution{newest}(random) ? contents.size() : random() % contents.size();
      if (chosen == 0 || at >= image.size()) continue;
      const std::size_t bytes = std::min(contents[chosen - 1].size(), image.size() - at);
      image.replace(at, bytes, contents[chosen - 1], 0, bytes);
    }
    return image;
  }

 private:
  bool concerns(const DiskEvent& event, DiskEvent::Kind kind) const {
    return event.kind == kind && event.file == file_;
  }
  void apply(const DiskEvent& event, std::string& image) const {
    if (!concerns(event, DiskEvent::Kind::write)) return;
    image.resize(event.length);
    image.replace(event.offset, event.bytes.size(), event.bytes);
  }
  std::vector<DiskEvent> events_;
  int file_;
  std::string before_;
};

/// All that a file is.
inline std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Makes a file hold this; of what it holds already nothing is written.
inline void put_content(const std::string& path, const std::string& content) {
  constexpr std::size_t page = 4096;
  std::string now = content_of(path);
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  if (!file) file.open(path, std::ios::out | std::ios::binary);
  if (now.size() != content.size()) {
    file.close();
    std::filesystem::resize_file(path, content.size());
    file.open(path, std::ios::in | std::ios::out | std::ios::binary);
    now.resize(content.size());
  }
  for (std::size_t at = 0; at < content.size(); at += page) {
    if (now.compare(at, page, content, at, page) == 0) continue;
    file.seekp(static_cast<std::streamoff>(at));
    file.write(content.data() + at, static_cast<std::streamsize>(std::min(page, content.size() - at)));
  }
}

}  // namespace cairn::test
