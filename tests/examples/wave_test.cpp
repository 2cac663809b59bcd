// SPDX-License-Identifier: BSD-3-Clause
#include "small_shot.hpp"

#include <numbers>

#include <gtest/gtest.h>
#ifdef _OPENMP
#include <omp.h>
#endif

namespace acoustic {
namespace {

TEST(Laplacian, IsExactForPolynomialsUpToItsOrder) {
  constexpr Index stride = 9;
  for (int power = 0; power <= 9; ++power) {
    std::vector<double> values;
    for (Index x = -4; x <= 4; ++x)
      for (Index z = -4; z <= 4; ++z)
        values.push_back(std::pow(static_cast<double>(x), power) + std::pow(static_cast<double>(z), power));
    EXPECT_NEAR(laplacian(&values[4 * stride + 4], stride), power == 2 ? 4 : 0, 1e-10) << "power " << power;
  }
}

TEST(Laplacian, ErrsOnAWaveAsTheEighthPowerOfTheSpacing) {
  constexpr Index stride = 9;
  const auto error = [](double spacing) {
    std::vector<double> values;
    for (Index x = -4; x <= 4; ++x)
      for (Index z = -4; z <= 4; ++z) values.push_back(std::cos(spacing * static_cast<double>(x)));
    return std::abs(laplacian(&values[4 * stride + 4], stride) / (spacing * spacing) + 1);
  };
  EXPECT_NEAR(std::log2(error(0.8) / error(0.4)), 8, 0.2);
}

TEST(Medium, ContinuesTheModelIntoTheSponge) {
  const Model model = small_model();
  Medium<double> medium{model.extent, model.spacing, 1e-3};
  medium.set_velocity(velocities<double>(model));
  const Extent grid = medium.extent();
  EXPECT_EQ(grid, (Extent{48 + 2 * sponge_cells, 40 + 2 * sponge_cells}));
  EXPECT_EQ(medium.courant(0), medium.courant(medium.cell(0, 0)));
  EXPECT_EQ(medium.courant(grid.cells() - 1), medium.courant(medium.cell(47, 39)));
  EXPECT_DOUBLE_EQ(medium.courant(medium.cell(0, 0)), std::pow(1.5 * 1e-3 / 0.01, 2));
  EXPECT_EQ(medium.weight(sponge_cells, sponge_cells), 1) << "the model itself is not damped";
  EXPECT_LT(medium.weight(0, sponge_cells), medium.weight(1, sponge_cells));
}

double energy(Shot<float>& shot, Step t) {
  return product(shot.pressure(t), shot.pressure(t));
}

TEST(Sponge, AbsorbsTheWave) {
  for (const float velocity : {1.5F, 2.0F, 3.0F}) {
    const Model model{{80, 80}, 10, std::vector<float>(6400, velocity)};
    Survey survey = survey_of(built_in_model(model.extent, 10));
    survey.source = {40, 40};
    Shot<float> shot{survey, 1};
    shot.set_velocity(model.velocity);
    double most = 0;
    for (Step t = 0; t < 1000; ++t) {
      shot.step(t);
      most = std::max(most, energy(shot, t + 1));
    }
    EXPECT_LT(energy(shot, 1000), 1e-3 * most) << velocity << " km/s";
  }
}

TEST(Shot, StaysStableAtTheSurveysTimeStep) {
  const Model model = small_model();
  Shot<float> shot{survey_of(model), 1};
  shot.set_velocity(velocities<float>(model));
  for (Step t = 0; t < 3000; ++t) shot.step(t);
  EXPECT_LT(energy(shot, 3000), 1);
}

TEST(Shot, SendsTheWaveAtTheVelocityOfTheMedium) {
  const Model model{{101, 101}, 10, std::vector<float>(101 * 101, 2.0F)};
  Survey survey = survey_of(model, 12.0);
  survey.source = {20, 50};
  survey.receivers = {{50, 50}, {90, 50}};
  Shot<double> shot{survey, 700};
  shot.set_velocity(velocities<double>(model));
  run_forward(shot, Listen::observe);
  std::array<Step, 2> peak{};
  for (std::size_t r = 0; r < 2; ++r) {
    double most = 0;
    for (Step t = 0; t < 700; ++t)
      if (const double heard = shot.traces()[static_cast<std::size_t>(t) * 2 + r]; heard > most)
        most = heard, peak[r] = t;
  }
  const double seconds = static_cast<double>(peak[1] - peak[0]) * survey.time_step;
  EXPECT_NEAR(0.4 / seconds, 2.0, 0.05);  // 40 cells of 10 m, in km/s
}

#ifdef _OPENMP
TEST(Shot, GivesTheSameBitsOnAnyNumberOfThreads) {
  const Model model = built_in_model({worthwhile_rows, 20}, 10);
  const auto run = [&](int threads) {
    omp_set_num_threads(threads);
    Shot<float> shot{survey_of(model), 60};
    shot.set_velocity(velocities<float>(model));
    run_forward(shot, Listen::observe);
    return gradient_by_store_all(shot, Listen::off);
  };
  const auto one = run(1);
  EXPECT_GT(product(one, one), 0);
  EXPECT_EQ(run(3), one);
}
#endif

}  // namespace
}  // namespace acoustic
