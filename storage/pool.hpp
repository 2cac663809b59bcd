// SPDX-License-Identifier: BSD-3-Clause
/// The pool: the s buffers that RAM snapshots, staging and prefetched snapshots share.
#pragma once

#include <cairn/words.hpp>

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace cairn {

/// Equal buffers, 4096-aligned and zero at first, in one reservation of address space. Memory is touched by `touch`
/// only, before step 0; only touched buffers are handed out. Thread-safe. All buffers must be back before the pool
/// ends.
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
    std::span<std::byte> bytes() const;  ///< All of the buffer; buffer_bytes() of the layout.
    void give_back() noexcept;           ///< Empty afterwards.

   private:
    friend class Pool;
    Buffer(Pool* pool, std::size_t index) : pool_{pool}, index_{index} {}
    Pool* pool_ = nullptr;
    std::size_t index_ = 0;
  };

  /// Reserves address space for `buffers` ≥ 1 buffers of `buffer_bytes` (rounded up to 4096). Throws std::bad_alloc.
  Pool(Slots buffers, Bytes buffer_bytes);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  /// Makes at least min(buffers, buffers()) of them ready: allocated, zero, resident. .3–.5 GB/s the first time.
  void touch(Slots buffers);
  Buffer take();                     ///< Waits until one is free. Throws std::logic_error where none was ever touched.
  std::optional<Buffer> try_take();  ///< nullopt: none is free now.
  Slots buffers() const { return buffers_; }
  Slots touched() const;
  Slots available() const;  ///< Touched and not in use.
  Bytes buffer_bytes() const { return buffer_bytes_; }

 private:
  std::byte* at(std::size_t index) const { return memory_ + index * buffer_bytes_.count; }
  void put_back(std::size_t index) noexcept;
  Slots buffers_;
  Bytes buffer_bytes_;
  std::byte* memory_ = nullptr;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::size_t> free_;  // a stack: the buffer used last is the warmest
  Slots touched_ = 0;
};

}  // namespace cairn
