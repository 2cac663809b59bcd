// SPDX-License-Identifier: BSD-3-Clause
/// Snapshots in memory that outlives the process.
#pragma once

#include <cairn/storage/ram_tier.hpp>
#include <cairn/storage/run_record.hpp>
#include <cairn/storage/shared_memory.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace cairn {

/// Snapshots in the buffers of shared memory: they survive kill -9 of the process, not the end of the machine, under
/// either durability. The row of a buffer, not of a slot, tells what it holds; that of a buffer in any other use never
/// says `valid`. Checksums are kept unless Verify::never. Beside the copy and the sum a save costs two requests of .3
/// µs, a release one.
///
/// Over opened memory, ledger() tells what is there (tier.hpp): valid snapshots first, then released ones that were
/// summed, as many as there are slots. Their buffers are out of the pool until take_over() settles which of them stay;
/// as the pool may be empty by then, take_over() wants a buffer of other memory.
class SharedRamTier final : public RamTier, public RunRecord {
 public:
  /// `pool` is of memory.memory(); both must outlive the tier. At most memory.buffers() slots. Throws std::logic_error
  /// where pool or layout are others than the memory's; over opened memory StorageError.
  SharedRamTier(SharedMemory& memory, const Layout& layout, Slots slots, Pool& pool, Promise promise = {});

  void put_steps(Step steps) override;
  void put_summary(const RunSummary& summary) override;
  void put_end(std::string_view end) override;
  SharedMemory& memory() { return *memory_; }

 private:
  void put_identity_text(std::string_view json) override;
  void put_row(Slot slot, const LedgerRow& row) override;
  void put_step(Slot slot, Step step) override;
  void after_probe(Slot slot) override;
  void taken_over() override;
  void look_for_snapshots();
  std::vector<std::size_t> buffers_worth_keeping(std::uint64_t run);
  std::vector<bool> used_buffers();
  template <class Write>
  void record(const Write& write_areas);
  SharedMemory* memory_;
  std::vector<Pool::Buffer> spare_;  // until take_over(): of no slot, but their rows or step words call them snapshots
};

}  // namespace cairn
