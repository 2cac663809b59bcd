// SPDX-License-Identifier: BSD-3-Clause
// Any bytes as a configuration: it is read, or refused by a std::invalid_argument that says where. What was read and
// then changed is written so that it is read back the same.
#include "input.hpp"
#include <cairn/core/config.hpp>

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using namespace cairn;

constexpr std::string_view name = "fuzz.yaml";

/// "fuzz.yaml:12: …", with a line that the text has.
void check_place(std::string_view message, std::string_view text) {
  const auto complain = [&] { throw std::logic_error{"a refusal that does not say where: " + std::string{message}}; };
  if (!message.starts_with(std::string{name} + ':')) complain();
  const std::string_view place = message.substr(name.size() + 1);
  const std::size_t digits = std::min(place.find(':'), place.size());
  if (digits == 0 || digits > 9 ||
      !std::all_of(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(digits),
                   [](unsigned char c) { return std::isdigit(c) != 0; }))
    complain();
  const int line = std::stoi(std::string{place.substr(0, digits)});
  const auto breaks = std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; });
  if (line < 1 || line > breaks + 1) complain();
}

std::optional<Config> read(std::string_view text) {
  try {
    return Config::from_yaml(std::string{text}, std::string{name});
  } catch (const std::invalid_argument& refusal) {
    check_place(refusal.what(), text);
    return std::nullopt;
  }
}

/// What yaml() writes of the members, not the text that was read: yaml() keeps the text while nothing is changed.
std::string written(Config config, int nice) {
  config.lanes.nice = nice;
  return config.yaml();
}

void check_round_trip(const Config& config) {
  const int unread = config.lanes.nice == 9 ? 8 : 9;
  const std::string text = written(config, config.lanes.nice == 7 ? 6 : 7);
  try {
    const Config again = Config::from_yaml(text);
    if (again.tiers == config.tiers && written(again, unread) == written(config, unread)) return;
    throw std::logic_error{"written as\n" + text + "\nit is read otherwise, as\n" + written(again, unread)};
  } catch (const std::invalid_argument& refusal) {
    throw std::logic_error{"written as\n" + text + "\nit is refused: " + refusal.what()};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto config = read(cairn::test::Input{data, size}.text())) check_round_trip(*config);
  return 0;
}
