// SPDX-License-Identifier: BSD-3-Clause
/// What the tests of the mapped tier, of its file and of its killed runs share.
#pragma once

#include <cairn/storage/mmap_tier.hpp>

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <support/faulty_system.hpp>
#include <support/temporary_folder.hpp>

namespace cairn::test {

inline RunFacts some_facts() {
  return facts_of_this_process("multistage", "schedule: auto\n");
}

class MappedTier : public testing::Test {
 protected:
  std::unique_ptr<MmapTier> make(const Layout& layout, Slots slots, Tier::Promise promise = {}) {
    return std::make_unique<MmapTier>(path_, layout, slots, some_facts(), 3, promise, system_);
  }
  TemporaryFolder folder_;
  FaultySystem system_;
  std::string path_ = folder_ / "run42.map";
};

}  // namespace cairn::test
