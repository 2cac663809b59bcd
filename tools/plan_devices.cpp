// SPDX-License-Identifier: BSD-3-Clause
#include "plan_devices.hpp"

#include "numbers.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/stat.h>

namespace cairn::tool {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument{what};
}

std::optional<dev_t> device_of_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return std::nullopt;
  return status.st_dev;
}

}  // namespace

void ask_devices(Problem& problem, const PlanOptions& options, const Config& config) {
  if (options.devices) refuse("--devices: CONFIG gives the paths of the tiers already; leave out one of the two");
  std::map<dev_t, std::size_t> numbers;
  for (std::size_t k = 0; k < config.tiers.size(); ++k) {
    if (config.tiers[k].kind == TierKind::ram) continue;
    if (const std::optional<dev_t> device = device_of_folder(config.tiers[k].path))
      problem.levels.at(k).device = numbers.emplace(*device, k).first->second;
  }
}

void ask_devices(Problem& problem, const PlanOptions& options) {
  if (!options.devices) return;
  const std::vector<Slots> numbers = slot_numbers("--devices", *options.devices);
  if (numbers.size() != problem.levels.size())
    refuse(fmt::format("--devices: {} numbers for {} levels; give one for each, the same for levels on one device",
                       numbers.size(), problem.levels.size()));
  for (std::size_t k = 0; k < numbers.size(); ++k) problem.levels[k].device = static_cast<std::size_t>(numbers[k]);
}

}  // namespace cairn::tool
