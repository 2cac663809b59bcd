// SPDX-License-Identifier: BSD-3-Clause
#include "acoustic/output.hpp"

#include "acoustic/picture.hpp"

#include <array>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <gtest/gtest.h>

namespace acoustic {
namespace {

class OutputFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path{testing::TempDir()} /
              (std::string{"acoustic_"} + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  Model model_ = built_in_model({30, 20}, 10);
  Survey survey_ = survey_of(model_);
};

TEST(Hash, IsFnv1a) {
  EXPECT_EQ(hash_of({}), 0xcbf29ce484222325);
  const std::array<float, 1> value{2.5851e-6F};
  std::uint64_t expected = 0xcbf29ce484222325;
  std::array<unsigned char, 4> bytes{};
  std::memcpy(bytes.data(), value.data(), 4);
  for (const unsigned char byte : bytes) expected = (expected ^ byte) * 1099511628211U;
  EXPECT_EQ(hash_of(value), expected);
}

TEST_F(OutputFile, PictureHasBothPanelsAtOneScale) {
  const std::vector<float> gradient(600, -1.0F);
  write_picture(folder_ / "gradient.png", model_, survey_, gradient);
  std::ifstream file{folder_ / "gradient.png", std::ios::binary};
  std::array<unsigned char, 24> head{};
  file.read(reinterpret_cast<char*>(head.data()), 24);
  const auto number = [&](std::size_t at) {
    return (head[at] << 24) + (head[at + 1] << 16) + (head[at + 2] << 8) + head[at + 3];
  };
  EXPECT_EQ(number(16), 30 * 40 + 3 * 12 + 18);
  EXPECT_EQ(number(20), 2 * 20 * 40 + 4 * 12);
}

TEST_F(OutputFile, PictureOfAZeroGradientIsDrawn) {
  EXPECT_NO_THROW(write_picture(folder_ / "zero.png", model_, survey_, std::vector<float>(600)));
  EXPECT_GT(std::filesystem::file_size(folder_ / "zero.png"), 0U);
}

TEST_F(OutputFile, ThatCannotBeMadeIsAnErrorThatNamesIt) {
  const std::vector<float> values(600);
  const auto nowhere = folder_ / "none" / "gradient";
  const auto expect_named = [&](const auto& write) {
    try {
      write();
      ADD_FAILURE() << "no error";
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string{error.what()}.find(nowhere.string()), std::string::npos) << error.what();
    }
  };
  expect_named([&] { write_hdf5(nowhere, {survey_, 1, 0, model_.velocity, values, values}); });
  expect_named([&] { write_picture(nowhere, model_, survey_, values); });
}

}  // namespace
}  // namespace acoustic
