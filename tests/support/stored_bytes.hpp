// SPDX-License-Identifier: BSD-3-Clause
/// The snapshots in a tier's file, as somebody with a disk editor sees them.
#pragma once

#include <cairn/storage/file.hpp>
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/mmap_tier_file.hpp>
#include <cairn/storage/tier_file.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace cairn::test {

/// Looks at a file, be it beside its run, and damages what lies in it. What is changed goes through the page cache;
/// direct requests see it.
class StoredBytes {
 public:
  struct Held {
    Slot slot;
    Step step;
  };
  explicit StoredBytes(const std::string& path) : file_{open_tier_file(path)}, raw_{path, File::Mode::write} {
    if (file_->kind() == "hdf5")
      at_ = read_hdf5_file(path).at;
    else
      data_at_ = MmapTierFile{File{path, File::Mode::read}}.format().data_at;
  }

  /// The slots whose step word says that they hold a snapshot.
  std::vector<Held> held() const {
    std::vector<Held> held;
    std::vector<Step> words(static_cast<std::size_t>(file_->slots()));
    file_->steps(Slot{0}, words);
    for (std::size_t i = 0; i < words.size(); ++i)
      if (words[i] >= 0) held.push_back({Slot{static_cast<std::int64_t>(i)}, words[i]});
    return held;
  }
  /// Of one snapshot, without gaps.
  std::uint64_t snapshot_bytes() const { return file_->layout().snapshot_bytes().count; }
  /// Another value for one bit of the `nth` byte of the slot's fields.
  void flip(Slot slot, std::uint64_t nth) const {
    const std::uint64_t at = place_of(slot, nth);
    std::array<std::byte, 1> byte{};
    raw_.read(at, byte);
    byte[0] ^= std::byte{1} << (nth % 8);
    raw_.write(at, byte);
  }

 private:
  std::uint64_t place_of(Slot slot, std::uint64_t nth) const {
    const Layout& layout = file_->layout();
    const auto index = static_cast<std::uint64_t>(slot.index);
    for (std::size_t f = 0; f < layout.places().size(); ++f) {
      const Layout::Place& place = layout.places()[f];
      if (nth >= place.bytes) {
        nth -= place.bytes;
        continue;
      }
      if (!at_) return data_at_ + index * layout.buffer_bytes().count + place.offset + nth;
      if (place.large) return at_->region + index * layout.region_bytes() + place.offset + nth;
      return at_->small[f] + index * place.bytes + nth;
    }
    throw std::out_of_range{"a byte beyond the snapshot"};
  }
  std::unique_ptr<TierFile> file_;
  File raw_;
  std::optional<Hdf5Addresses> at_;
  std::uint64_t data_at_ = 0;
};

}  // namespace cairn::test
