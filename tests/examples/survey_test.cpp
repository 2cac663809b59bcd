// SPDX-License-Identifier: BSD-3-Clause
#include "acoustic/survey.hpp"

#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

namespace acoustic {
namespace {

TEST(Survey, ChoosesTheTimeStepByTheGreatestAndTheFrequencyByTheLeastVelocity) {
  const Model model = built_in_model({801, 401}, 10);
  const Survey survey = survey_of(model);
  EXPECT_NEAR(3.1 * survey.time_step / 0.010, 0.9 * 0.5546, 1e-3);
  EXPECT_NEAR(survey.frequency, 1500.0 / (2.5 * 4 * 10), 1e-9);
}

TEST(Survey, RefusesAFrequencyThatTheCellsCannotCarry) {
  const Model model = built_in_model({64, 64}, 10);
  EXPECT_EQ(survey_of(model, 12.5).frequency, 12.5);
  for (const double bad : {0.0, -3.0, 31.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(survey_of(model, bad), std::invalid_argument) << bad;
}

TEST(Survey, PlacesSourceAndReceiversInsideTheModel) {
  for (const Extent extent : {Extent{16, 16}, Extent{101, 40}, Extent{102, 40}, Extent{801, 401}, Extent{1601, 401}}) {
    const Survey survey = survey_of(built_in_model(extent, 10));
    EXPECT_LE(survey.receivers.size(), 101U);
    EXPECT_GE(survey.receivers.size(), 16U);
    for (const auto& place : survey.receivers) EXPECT_LT(place.x, extent.x);
    EXPECT_EQ(survey.source.x, extent.x / 2);
  }
}

TEST(Survey, OfAPartKeepsTimeStepAndFrequency) {
  const Model whole = built_in_model({300, 300}, 10);
  const Survey survey = survey_of(whole);
  const Survey part = survey_of(cut(whole, 50), survey);
  EXPECT_EQ(part.time_step, survey.time_step);
  EXPECT_EQ(part.frequency, survey.frequency);
  EXPECT_EQ(part.model, (Extent{50, 50}));
}

TEST(Wavelet, StartsFromAlmostNothingAndPeaksAtOne) {
  const Survey survey = survey_of(built_in_model({64, 64}, 10));
  double most = 0;
  for (cairn::Step t = 0; t < 400; ++t) most = std::max(most, survey.wavelet(t));
  EXPECT_NEAR(most, 1, 1e-2);
  EXPECT_LT(std::abs(survey.wavelet(0)), 1e-4);
}

}  // namespace
}  // namespace acoustic
