// SPDX-License-Identifier: BSD-3-Clause
#include "support/temporary_folder.hpp"
#include <cairn/core/kept.hpp>
#include <cairn/storage/file.hpp>
#include <cairn/storage/hdf5_contents.hpp>
#include <cairn/storage/shared_area.hpp>

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cairn::test {
namespace {

const std::string identity = R"({"run": 7})";

/// Somebody's gradient, and the file that it is kept in.
struct Keeping {
  explicit Keeping(const std::string& file, bool resume, double keep_every_seconds = 1e-9) {
    arrays.add("gradient", gradient).add("misfit", misfit);
    Config config;
    config.keep_every_seconds = keep_every_seconds;
    kept = std::make_unique<Kept>(arrays, file, config, resume);
  }
  /// As an executor does.
  void commit(const Position& position, double value) {
    gradient.assign(gradient.size(), value);
    misfit = -value;
    const Kept::Commit made = kept->prepare(position, copier);
    if (made.replaces) kept->tier().release(made.slot);
    EXPECT_EQ(made.sum, checksum_of(kept->tier().layout(), made.buffer.bytes()));
    kept->tier().save(made.slot, made.step, made.buffer.bytes(), made.sum);
  }
  std::vector<double> gradient = std::vector<double>(1000);
  double misfit = 0;
  State arrays;
  Copier copier;
  std::unique_ptr<Kept> kept;
};

TEST(Kept, LiesBesideTheTiersFile) {
  EXPECT_EQ(Kept::path_for("scratch/run42.h5"), "scratch/run42.kept.h5");
  EXPECT_EQ(Kept::path_for("run42.map"), "run42.kept.h5");
}

TEST(Kept, TheLastTwoCommitsAreFoundByALaterProcess) {
  const TemporaryFolder folder;
  {
    Keeping run{folder / "a.kept.h5", false};
    run.kept->begin(identity);
    run.commit({.reverse = false, .step = 10}, 1);
    run.commit({.reverse = true, .step = 90}, 2);
    run.commit({.reverse = true, .step = 80}, 3);
  }
  Keeping later{folder / "a.kept.h5", true};
  const std::vector<Position> found = later.kept->found(identity);
  EXPECT_EQ(found, (std::vector<Position>{{true, 80}, {true, 90}}));
  later.kept->load(found[1]);
  EXPECT_EQ(later.gradient, std::vector<double>(1000, 2));
  EXPECT_EQ(later.misfit, -2);
  later.kept->load(found[0]);
  EXPECT_EQ(later.gradient, std::vector<double>(1000, 3));
  EXPECT_THROW(later.kept->load({.reverse = false, .step = 80}), std::logic_error);
  later.commit({.reverse = true, .step = 70}, 4);  // in the place of the older
  later.kept->load({.reverse = true, .step = 80});
  EXPECT_EQ(later.misfit, -3);
}

/// One byte of that slot is another one from now on.
void damage_slot(const std::string& file, std::int64_t slot) {
  const Hdf5Contents contents = read_hdf5_file(file);
  const std::uint64_t at = contents.at.small[0] + static_cast<std::uint64_t>(slot) * contents.layout.places()[0].bytes;
  const File opened{file, File::Mode::write};
  std::array<std::byte, 1> byte{};
  opened.read(at, byte);
  byte[0] ^= std::byte{1};
  opened.write(at, byte);
}

// Forward x_t is live, reverse steps n−1 … t are turned: that both are kept is no double (simulation, seed 70873).
TEST(Kept, TwoGenerationsOfOneStepAreToldApartAndEachServesWhereTheOtherIsDamaged) {
  const Position forward{.reverse = false, .step = 40}, reverse{.reverse = true, .step = 40};
  for (const std::optional<std::int64_t> damaged : {std::optional<std::int64_t>{}, {0}, {1}}) {
    SCOPED_TRACE(damaged ? "slot " + std::to_string(*damaged) + " is damaged" : "both are whole");
    const TemporaryFolder folder;
    const std::string file = folder / "a.kept.h5";
    {
      Keeping run{file, false};
      run.kept->begin(identity);
      run.commit(forward, 1);
      run.commit(reverse, 2);
    }
    if (damaged) damage_slot(file, *damaged);
    Keeping later{file, true};
    std::vector<Position> whole{reverse, forward};
    if (damaged) whole = {*damaged == 0 ? reverse : forward};
    ASSERT_EQ(later.kept->found(identity), whole);
    for (const Position& position : whole) {
      later.kept->load(position);
      EXPECT_EQ(later.misfit, position == forward ? -1 : -2);
    }
    later.commit({.reverse = true, .step = 39}, 3);  // not over the only one that is whole
    later.kept->load(whole.front());
    EXPECT_EQ(later.misfit, whole.front() == forward ? -1 : -2);
  }
}

TEST(Kept, OfTwoOfOnePositionTheEarlierServesWhereTheLaterCannotBeRead) {
  const TemporaryFolder folder;
  const std::string file = folder / "a.kept.h5";
  Keeping run{file, false};
  run.kept->begin(identity);
  run.commit({.reverse = true, .step = 7}, 1);
  run.commit({.reverse = true, .step = 7}, 2);
  run.kept->load({.reverse = true, .step = 7});
  EXPECT_EQ(run.misfit, -2) << "the later one";
  damage_slot(file, 1);
  run.kept->load({.reverse = true, .step = 7});
  EXPECT_EQ(run.misfit, -1);
  damage_slot(file, 0);
  EXPECT_THROW(run.kept->load({.reverse = true, .step = 7}), StorageError);
}

TEST(Kept, LiesBesideSharedMemoryUntilTheRunHasEnded) {
  const TemporaryFolder folder;
  const std::string area = Kept::path_for(shared_path(folder.memory_name()));
  EXPECT_EQ(area, shared_path(folder.memory_name() + ".kept"));
  {
    Keeping run{area, false};
    run.kept->begin(identity);
    run.commit({.reverse = false, .step = 10}, 1);
    run.commit({.reverse = true, .step = 90}, 2);
    run.commit({.reverse = true, .step = 80}, 3);
  }
  EXPECT_TRUE(std::filesystem::exists(area));
  {
    Keeping later{area, true};
    EXPECT_EQ(later.kept->found(identity), (std::vector<Position>{{true, 80}, {true, 90}}));
    later.kept->load({.reverse = true, .step = 90});
    EXPECT_EQ(later.gradient, std::vector<double>(1000, 2));
    later.commit({.reverse = true, .step = 70}, 4);
    later.kept->end();
  }
  EXPECT_FALSE(std::filesystem::exists(area));
}

TEST(Kept, ThatOfAnotherRunIsNotFoundAndMakesRoom) {
  const TemporaryFolder folder;
  {
    Keeping run{folder / "a.kept.h5", false};
    run.kept->begin(identity);
    run.commit({.reverse = true, .step = 90}, 2);
  }
  Keeping other{folder / "a.kept.h5", true};
  EXPECT_TRUE(other.kept->found("{}").empty());
  other.kept->begin("{}");
  other.commit({.reverse = true, .step = 5}, 6);
  other.commit({.reverse = true, .step = 4}, 7);
  other.kept->load({.reverse = true, .step = 5});
  EXPECT_EQ(other.misfit, -6);
}

TEST(Kept, ThatOfARunThatHasEndedIsGone) {
  const TemporaryFolder folder;
  {
    Keeping run{folder / "a.kept.h5", false};
    run.kept->begin(identity);
    run.commit({.reverse = true, .step = 90}, 2);
    run.kept->end();
  }
  EXPECT_TRUE((Keeping{folder / "a.kept.h5", true}.kept->found(identity)).empty());
}

TEST(Kept, IsDueOnceTheTimeIsOverAndTheCommitBeforeIsWritten) {
  const TemporaryFolder folder;
  Keeping often{folder / "a.kept.h5", false}, seldom{folder / "b.kept.h5", false, 1e6};
  EXPECT_TRUE(often.kept->is_due());
  EXPECT_FALSE(seldom.kept->is_due());
  {
    const Kept::Commit under_way = often.kept->prepare({.reverse = true, .step = 1}, often.copier);
    EXPECT_FALSE(often.kept->can_prepare());
    EXPECT_FALSE(often.kept->is_due());
  }
  EXPECT_TRUE(often.kept->can_prepare());
}

}  // namespace
}  // namespace cairn::test
