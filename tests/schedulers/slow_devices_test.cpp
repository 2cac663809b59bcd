// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/slow_devices.hpp>

#include <algorithm>
#include <iterator>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(SlowDevices, AddUpTheRatesOfDevicesAndTakeTheFastestLevelOfEach) {
  const SlowDevices apart{{{2, 6, 40, 1}, {6, 3, 60, 2}}};
  EXPECT_DOUBLE_EQ(apart.save(), 1.5);
  EXPECT_DOUBLE_EQ(apart.load(), 2);
  EXPECT_EQ(apart.slots(), 100);
  const SlowDevices shared{{{2, 6, 40, 1}, {6, 3, 60, 1}}};
  EXPECT_DOUBLE_EQ(shared.save(), 2);
  EXPECT_DOUBLE_EQ(shared.load(), 3);
  EXPECT_EQ(shared.slots(), 100);
}

TEST(SlowDevices, LeaveLevelsWithoutSlotsOut) {
  const SlowDevices devices{{{.5, .5, 0, 1}, {6, 3, 60, 1}}};
  EXPECT_DOUBLE_EQ(devices.save(), 6);
  EXPECT_EQ(devices.slots(), 60);
  const SlowDevices none{{{.5, .5, 0, 1}}};
  EXPECT_EQ(none.slots(), 0);
  EXPECT_EQ(none.kept(100, 100), 0);
  EXPECT_EQ(none.worth(1, 1).second, 0);
}

TEST(SlowDevices, KeepNoMoreThanTheirSlotsAndTheirTimeAllow) {
  const SlowDevices shared{{{1, 1, 10, 1}, {4, 2, 100, 1}}};
  EXPECT_DOUBLE_EQ(shared.kept(50, 1000), 20) << "10 in 10, 10 more in 40";
  EXPECT_DOUBLE_EQ(shared.kept(1000, 20), 15);
  EXPECT_DOUBLE_EQ(shared.kept(1000, 1000), 110);
  const SlowDevices apart{{{1, 1, 10, 1}, {4, 2, 100, 2}}};
  EXPECT_DOUBLE_EQ(apart.kept(50, 1000), 22.5);
}

TEST(SlowDevices, KeepMoreThanAnyDivisionOfTheirTimeDoes) {
  constexpr unsigned seed = 20260446;
  std::mt19937 random{seed};
  const auto from_to = [&](int least, int most) { return std::uniform_int_distribution{least, most}(random); };
  for (int i = 0; i < 2000; ++i) {
    std::vector<SlowDevices::OneLevel> levels;
    for (int k = 0; k < 3; ++k)
      levels.push_back(
          {from_to(0, 12) / 2., from_to(0, 12) / 2., from_to(0, 20), static_cast<std::size_t>(from_to(1, 2))});
    const SlowDevices devices{levels};
    const int first = from_to(0, 80), second = from_to(0, 80);
    double saving[3] = {}, loading[3] = {};  // time that is left to a device
    std::fill(std::begin(saving), std::end(saving), first);
    std::fill(std::begin(loading), std::end(loading), second);
    int kept = 0;
    for (int trial = 0; trial < 200; ++trial) {
      auto& level = levels[static_cast<std::size_t>(from_to(0, 2))];
      if (level.slots == 0 || saving[level.device] < level.save || loading[level.device] < level.load) continue;
      saving[level.device] -= level.save;
      loading[level.device] -= level.load;
      --level.slots;
      ++kept;
    }
    EXPECT_GE(devices.kept(first, second), kept - 1e-9) << "seed " << seed << ", case " << i;
  }
}

TEST(SlowDevices, EarnByEachDeviceWhatPaysMostInTheSecondPart) {
  const SlowDevices devices{{{2, 6, 40, 1}, {6, 3, 60, 2}}};
  const SlowDevices::Worth worth = devices.worth(12, 18);
  EXPECT_DOUBLE_EQ(worth.first, 12 / 2. + 12 / 6.);
  EXPECT_DOUBLE_EQ(worth.second, 12 / 2. + 18 / 3.) << "the first device saves, the second loads";
}

TEST(SlowDevices, EarnNothingByWhatHasNoPrice) {
  const SlowDevices devices{{{0, 2, 40, 1}}};
  EXPECT_EQ(devices.save(), 0);
  EXPECT_DOUBLE_EQ(devices.worth(0, 4).first, 0);
  EXPECT_DOUBLE_EQ(devices.worth(0, 4).second, 2);
}

}  // namespace
}  // namespace cairn
