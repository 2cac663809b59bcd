// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/core/state.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cairn {
namespace {

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

std::vector<std::byte> saved(const State& state, const Layout& layout, Step step) {
  std::vector<std::byte> snapshot(layout.buffer_bytes().count);
  state.save(step, layout, snapshot);
  return snapshot;
}

TEST(State, TakesSpansVectorsArraysScalarsAndFunctions) {
  std::vector<float> vector(6, 1.5F);
  std::array<int, 3> array{1, 2, 3};
  double plain[2] = {7, 8};
  bool flag = true;
  State state;
  state.add("vector", vector, {2, 3}, {.axes = {"z", "x"}, .units = "Pa"}).add("array", array).add("plain", plain);
  state.add("span", std::span(vector).first(4)).add("flag", flag).add("where", [&](Step) { return std::span(vector); });
  const std::vector<Field>& fields = state.fields();
  ASSERT_EQ(fields.size(), 6U);
  EXPECT_EQ(fields[0].type, ElementType::float32);
  EXPECT_EQ(fields[0].extents, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(fields[0].units, "Pa");
  EXPECT_EQ(fields[1].type, ElementType::int32);
  EXPECT_EQ(fields[2].extents, (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(fields[3].extents, (std::vector<std::uint64_t>{4}));
  EXPECT_EQ(fields[4].type, ElementType::uint8);
  EXPECT_TRUE(fields[4].extents.empty());
  EXPECT_EQ(fields[5].extents, (std::vector<std::uint64_t>{6}));
}

TEST(State, GivesEveryArithmeticTypeItsName) {
  std::int8_t a{};
  std::uint8_t b{};
  std::int16_t c{};
  std::uint16_t d{};
  std::int32_t e{};
  std::uint32_t f{};
  std::int64_t g{};
  std::uint64_t h{};
  float i{};
  double j{};
  long long k{};
  char l{};
  State state;
  state.add("a", a).add("b", b).add("c", c).add("d", d).add("e", e).add("f", f).add("g", g).add("h", h).add("i", i);
  state.add("j", j).add("k", k).add("l", l);
  std::string names;
  for (const Field& field : state.fields()) names += std::string{name_of(field.type)} + " ";
  EXPECT_EQ(names, "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64 int64 int8 ");
}

TEST(State, RestoresWhatItSaved) {
  std::vector<double> u[3] = {{1, 2}, {3, 4}, {5, 6}};
  double time = 0.5;
  State state;
  state.add("now", [&](Step t) { return std::span(u[t % 3]); }).add("time", time);
  const Layout layout{state.fields()};
  const std::vector<std::byte> snapshot = saved(state, layout, 4);  // u[1]
  u[1] = {-1, -1};
  u[2] = {-2, -2};
  time = 9;
  state.load(4, layout, snapshot);
  EXPECT_EQ(u[1], (std::vector<double>{3, 4}));
  EXPECT_EQ(u[2], (std::vector<double>{-2, -2})) << "what does not belong to x_4 stays";
  EXPECT_EQ(time, 0.5);
}

TEST(State, RestoresScalarsBeforeItAsksForArrays) {
  std::vector<double> buffers[2] = {{1}, {2}};
  int selected = 1;
  State state;
  state.add("array", [&](Step) { return std::span(buffers[selected]); });  // given before the scalar that selects
  state.add("selected", selected);
  const Layout layout{state.fields()};
  const std::vector<std::byte> snapshot = saved(state, layout, 0);
  selected = 0;
  buffers[1] = {-5};
  state.load(0, layout, snapshot);
  EXPECT_EQ(selected, 1);
  EXPECT_EQ(buffers[1], (std::vector<double>{2}));
  EXPECT_EQ(buffers[0], (std::vector<double>{1}));
}

TEST(State, KeepsAStateThatIsNotArraysByTheUsersOwnFunctions) {
  std::string text = "twelve bytes";
  State state = State::packed(
      Bytes{12}, [&](std::span<std::byte> to) { std::memcpy(to.data(), text.data(), to.size()); },
      [&](std::span<const std::byte> from) { std::memcpy(text.data(), from.data(), from.size()); });
  const Layout layout{state.fields()};
  EXPECT_EQ(layout.fields()[0].name, "packed");
  const std::vector<std::byte> snapshot = saved(state, layout, 0);
  text = "something it";
  const std::vector<Checksum> other = state.sums(0);
  state.load(0, layout, snapshot);
  EXPECT_EQ(text, "twelve bytes");
  EXPECT_NE(state.sums(0), other);
}

TEST(State, SumsEachFieldWhereItLies) {
  std::vector<double> a(5000, 1.0), b(3, 2.0);
  State state;
  state.add("a", a).add("b", b);
  const std::vector<Checksum> before = state.sums(0);
  a[4999] = 1.0000001;
  const std::vector<Checksum> after = state.sums(0);
  EXPECT_NE(before[0], after[0]);
  EXPECT_EQ(before[1], after[1]);
}

TEST(State, SumsItselfAsItsSnapshot) {
  std::vector<double> a(5000, 1.0), b{2, 3}, c{4, 5};
  int number = 6;
  State state;
  state.add("a", a).add("number", number).add("bc", [&](Step t) { return std::span{t % 2 == 0 ? b : c}; });
  const Layout layout{state.fields()};
  for (const Step step : {0, 1}) {
    const std::vector<std::byte> snapshot = saved(state, layout, step);
    EXPECT_EQ(state.sum(step), checksum_of(layout, snapshot)) << step;
    std::vector<std::byte> summed(snapshot.size());
    Copier copier;
    EXPECT_EQ(state.save_and_sum(step, layout, summed, copier), checksum_of(layout, snapshot)) << step;
    EXPECT_EQ(summed, snapshot) << step;
  }
  EXPECT_NE(state.sum(0), state.sum(1));
  std::string text = "twelve bytes";
  const State packed = State::packed(
      Bytes{12}, [&](std::span<std::byte> to) { std::memcpy(to.data(), text.data(), to.size()); },
      [](std::span<const std::byte>) {});
  const Layout of_packed{packed.fields()};
  const std::vector<std::byte> written = saved(packed, of_packed, 0);
  EXPECT_EQ(packed.sum(0), checksum_of(of_packed, written));
  std::vector<std::byte> summed(written.size());
  Copier copier;
  EXPECT_EQ(packed.save_and_sum(0, of_packed, summed, copier), checksum_of(of_packed, written));
  EXPECT_EQ(summed, written);
}

TEST(State, LoadsAndSumsInOneGo) {
  std::vector<double> a(200'000, 1.0), b{2, 3}, c{4, 5};
  int number = 6;
  int asked = 0;
  State state;
  state.add("bc", [&](Step t) { return ++asked, std::span{t % 2 == 0 ? b : c}; }).add("a", a).add("number", number);
  const Layout layout{state.fields()};
  const std::vector<std::byte> snapshot = saved(state, layout, 1);
  const Checksum sum = checksum_of(layout, snapshot);
  std::ranges::fill(a, 0);
  std::ranges::fill(c, 0);
  number = 0;
  Copier copier;
  EXPECT_EQ(state.load_and_sum(1, layout, snapshot, copier, sum), sum);
  EXPECT_EQ(a, std::vector<double>(200'000, 1.0));
  EXPECT_EQ(c, (std::vector<double>{4, 5}));
  EXPECT_EQ(number, 6);

  std::vector<std::byte> damaged = snapshot;
  damaged[layout.places()[1].offset + 100] ^= std::byte{1};
  asked = 0;
  EXPECT_EQ(state.load_and_sum(1, layout, damaged, copier, sum), checksum_of(layout, damaged));
  EXPECT_EQ(asked, 0) << "a function might look at a restored scalar, which is nonsense";
}

TEST(State, LoadsAndSumsWhatIsPackedBeforeItIsUnpacked) {
  std::string text = "twelve bytes";
  int unpacked = 0;
  const State state = State::packed(
      Bytes{12}, [&](std::span<std::byte> to) { std::memcpy(to.data(), text.data(), to.size()); },
      [&](std::span<const std::byte> from) { ++unpacked, std::memcpy(text.data(), from.data(), from.size()); });
  const Layout layout{state.fields()};
  std::vector<std::byte> snapshot = saved(state, layout, 0);
  const Checksum sum = checksum_of(layout, snapshot);
  text = "            ";
  Copier copier;
  EXPECT_EQ(state.load_and_sum(0, layout, snapshot, copier, sum), sum);
  EXPECT_EQ(text, "twelve bytes");
  snapshot[3] ^= std::byte{1};
  EXPECT_NE(state.load_and_sum(0, layout, snapshot, copier, sum), sum);
  EXPECT_EQ(unpacked, 1) << "the user's function sees no damaged bytes";
}

TEST(State, RefusesExtentsThatDoNotFit) {
  std::vector<float> vector(6);
  State state;
  EXPECT_EQ(refusal([&] {
              state.add("u", vector, {2, 4});
            }),
            "field \"u\": the array has 6 elements, the extents {2, 4} multiply to 8");
}

TEST(State, NoticesAnArrayThatChangedItsSize) {
  std::vector<float> vector(6);
  State state;
  state.add("u", vector);
  const Layout layout{state.fields()};
  vector.resize(7);
  EXPECT_EQ(refusal([&] { saved(state, layout, 3); }),
            "field \"u\": 28 bytes at step 3, but 24 when it was added; arrays keep their size");
}

}  // namespace
}  // namespace cairn
