// SPDX-License-Identifier: BSD-3-Clause
#include "acoustic/model.hpp"

#include <cmath>
#include <fstream>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace acoustic {
namespace {

class ModelFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path{testing::TempDir()} / ("acoustic_" + std::string{test->name()} + ".f32");
    values_.assign(20 * 30, 2.0F);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void write() const {
    std::ofstream file{path_, std::ios::binary};
    file.write(reinterpret_cast<const char*>(values_.data()), static_cast<std::streamsize>(4 * values_.size()));
  }
  Model read() const { return read_model(path_, {20, 30}, 7.5); }
  std::string failure() const {
    try {
      read();
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "no error";
  }

  std::filesystem::path path_;
  std::vector<float> values_;
};

TEST_F(ModelFile, IsReadWithDepthRunningFastest) {
  values_[3 * 30 + 7] = 4.5F;
  write();
  const Model model = read();
  EXPECT_EQ(model.velocity, values_);
  EXPECT_EQ(model.extent, (Extent{20, 30}));
  EXPECT_EQ(model.velocity[3 * 30 + 7], 4.5F);
}

TEST_F(ModelFile, OfAnotherSizeIsRefusedWithBothSizes) {
  values_.pop_back();
  write();
  EXPECT_EQ(failure(),
            "velocity: " + path_.string() + ": 2396 bytes; a shape of 20,30 float32 values needs 2400 bytes");
}

TEST_F(ModelFile, ThatIsNotThereIsRefused) {
  EXPECT_EQ(failure(), "velocity: " + path_.string() + ": No such file or directory");
}

TEST_F(ModelFile, WithAVelocityThatIsNotPositiveAndFiniteIsRefused) {
  for (const float bad : {0.0F, -1.5F, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    values_[4 * 30 + 9] = bad;
    write();
    const std::string text = failure();
    EXPECT_NE(text.find("km/s at x 4, z 9; velocities are positive and finite"), std::string::npos) << text;
  }
}

TEST(Model, NeedsSomeCellsAndAPositiveSpacing) {
  EXPECT_THROW(built_in_model({15, 100}, 10), std::invalid_argument);
  EXPECT_THROW(built_in_model({100, 15}, 10), std::invalid_argument);
  EXPECT_THROW(built_in_model({100, 100}, 0), std::invalid_argument);
  EXPECT_THROW(built_in_model({100, 100}, std::nan("")), std::invalid_argument);
}

TEST(BuiltInModel, HasWaterAboveAndALens) {
  const Model model = built_in_model({801, 401}, 10);
  EXPECT_EQ(model.velocity[0], 1.5F);
  EXPECT_EQ(model.velocity[400 * 401 + 90], 2.9F);
  EXPECT_EQ(least_velocity(model), 1.5F);
  EXPECT_EQ(greatest_velocity(model), 3.1F);
}

TEST(Smoothed, KeepsTheWaterAndAConstant) {
  const Model model = built_in_model({64, 64}, 10);
  const Model smooth = smoothed(model, 5);
  EXPECT_EQ(smooth.velocity[0], 1.5F);
  EXPECT_GE(least_velocity(smooth), 1.5F);
  EXPECT_LE(greatest_velocity(smooth), 3.1F);
  const Model constant{{20, 20}, 10, std::vector<float>(400, 2.5F)};
  EXPECT_EQ(smoothed(constant, 5).velocity, constant.velocity);
}

TEST(Smoothed, IsTheMeanOfItsNeighboursThreeTimesOver) {
  Model model{{40, 40}, 10, std::vector<float>(1600, 0.0F)};
  for (Index x = 0; x < 40; ++x) model.velocity[static_cast<std::size_t>(x * 40)] = 1;  // a water of one cell
  model.velocity[20 * 40 + 20] = 729;
  const Model smooth = smoothed(model, 1);
  EXPECT_NEAR(smooth.velocity[20 * 40 + 20], 49, 1e-3);  // (1 2 3 … 7 … ) 3-fold box: 7/27 each way, 49/729
  EXPECT_NEAR(smooth.velocity[23 * 40 + 23], 1, 1e-3);
  EXPECT_NEAR(smooth.velocity[24 * 40 + 20], 0, 1e-3);
}

TEST(Cut, TakesTheMiddleOfTheSurface) {
  Model model{{31, 20}, 10, std::vector<float>(31 * 20)};
  for (std::size_t i = 0; i < model.velocity.size(); ++i) model.velocity[i] = static_cast<float>(i);
  const Model part = cut(model, 17);
  EXPECT_EQ(part.extent, (Extent{17, 17}));
  EXPECT_EQ(part.velocity[0], 7 * 20);
  EXPECT_EQ(part.velocity[17 * 17 - 1], 23 * 20 + 16);
  EXPECT_EQ(cut(model, 100).velocity, model.velocity);
}

}  // namespace
}  // namespace acoustic
