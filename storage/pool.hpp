// SPDX-License-Identifier: BSD-3-Clause
/// The pool: the s buffers that RAM snapshots, staging and prefetched snapshots share.
#pragma once

#include <cairn/words.hpp>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace cairn {

/// Equal buffers, 4096-aligned and zero at first, in one reservation of address space, or in memory that is given.
/// Memory is touched by `touch` only, before step 0; only touched buffers are handed out. Thread-safe. All buffers must
/// be back before the pool ends.
class Pool {
 public:
  /// The right to use one buffer; gives it back at its end. Move-only. May end in any thread.
  class Buffer {
   public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept;
    Buffer& operator=(Buffer&& other) noexcept;
    ~Buffer() { give_back(); }
    explicit operator bool() const noexcept { return pool_ != nullptr; }
    std::span<std::byte> bytes() const;                    ///< All of the buffer; buffer_bytes() of the layout.
    std::size_t index() const noexcept { return index_; }  ///< Which buffer of its pool it is; bytes() of i+1 follow.
    bool of(const Pool& pool) const noexcept { return pool_ == &pool; }
    void give_back() noexcept;  ///< Empty afterwards.

   private:
    friend class Pool;
    Buffer(Pool* pool, std::size_t index) : pool_{pool}, index_{index} {}
    Pool* pool_ = nullptr;
    std::size_t index_ = 0;
  };

  /// Memory to make buffers of that is somebody else's, and whose bytes stay: those of an earlier run may be among
  /// them.
  struct Memory {
    std::span<std::byte> bytes;  ///< whole buffers side by side, at a multiple of 4096
    /// Called by touch() before the buffers [first, last) are touched, once for each. Throws where there is no room.
    std::function<void(Slots first, Slots last)> reserve;
  };

  /// Reserves address space for `buffers` ≥ 1 buffers of `buffer_bytes` (rounded up to 4096). Throws std::bad_alloc.
  Pool(Slots buffers, Bytes buffer_bytes);
  /// Buffers of `buffer_bytes` (rounded up to 4096), as many as the memory holds, at least one. It must outlive the
  /// pool.
  Pool(Memory memory, Bytes buffer_bytes);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  /// Makes at least min(buffers, buffers()) of them ready: allocated, zero (as they are, in given memory), resident.
  /// .3–.5 GB/s the first time. Throws what `reserve` of the memory throws; then none of the new ones is there.
  void touch(Slots buffers);
  Buffer take();                     ///< Waits until one is free. Throws std::logic_error where none was ever touched.
  std::optional<Buffer> try_take();  ///< nullopt: none is free now.
  /// This very buffer, with what an earlier run left in it; touches it and those before it. Throws std::logic_error
  /// where it is in use, std::out_of_range where there is none. O(buffers).
  Buffer take_one(std::size_t index);
  Slots buffers() const { return buffers_; }
  Slots touched() const;
  Slots available() const;  ///< Touched and not in use.
  Bytes buffer_bytes() const { return buffer_bytes_; }

 private:
  std::byte* at(std::size_t index) const { return memory_ + index * buffer_bytes_.count; }
  void prepare(std::size_t index) const;
  void touch_locked(Slots buffers);
  void put_back(std::size_t index) noexcept;
  bool owned_;
  Slots buffers_;
  Bytes buffer_bytes_;
  std::byte* memory_ = nullptr;
  std::function<void(Slots, Slots)> reserve_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::size_t> free_;  // a stack: the buffer used last is the warmest
  Slots touched_ = 0;
};

}  // namespace cairn
