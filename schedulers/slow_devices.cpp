// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/schedulers/slow_devices.hpp>

#include <algorithm>
#include <limits>
#include <map>

namespace cairn {
namespace {

double rate(double each) {
  return each > 0 ? 1 / each : std::numeric_limits<double>::infinity();
}

// What a device earns in one unit of time; nothing is earned by what has no price, however fast it is.
double earned(double price, double each) {
  return price > 0 ? price * rate(each) : 0;
}

}  // namespace

SlowDevices::SlowDevices(const std::vector<OneLevel>& levels) {
  std::map<std::size_t, std::size_t> known;
  for (const OneLevel& level : levels) {
    if (level.slots <= 0) continue;
    slots_ = std::min(limits::steps, slots_ + std::min(limits::steps, level.slots));
    const auto [found, fresh] = known.emplace(level.device, devices_.size());
    if (fresh) devices_.emplace_back();
    const auto slots = static_cast<double>(level.slots);
    devices_[found->second].by_save.push_back({level.save, slots});
    devices_[found->second].by_load.push_back({level.load, slots});
  }
  double saves = 0, loads = 0;
  for (Device& device : devices_) {
    std::ranges::sort(device.by_save, {}, &Places::each);
    std::ranges::sort(device.by_load, {}, &Places::each);
    saves += rate(device.by_save.front().each);
    loads += rate(device.by_load.front().each);
  }
  if (devices_.empty()) return;
  save_ = 1 / saves;
  load_ = 1 / loads;
}

// As many slots as can be served in `time`, the quickest first.
double SlowDevices::filled(const std::vector<Places>& places, double time) {
  double filled = 0;
  for (const Places& place : places) {
    if (place.each * place.slots > time) return filled + time / place.each;
    filled += place.slots;
    time -= place.each * place.slots;
  }
  return filled;
}

double SlowDevices::kept(double first, double second) const {
  double kept = 0;
  for (const Device& device : devices_) kept += std::min(filled(device.by_save, first), filled(device.by_load, second));
  return kept;
}

SlowDevices::Worth SlowDevices::worth(double save_price, double load_price) const {
  Worth worth{0, 0};
  for (const Device& device : devices_) {
    const double saving = earned(save_price, device.by_save.front().each);
    worth.first += saving;
    worth.second += std::max(saving, earned(load_price, device.by_load.front().each));
  }
  return worth;
}

}  // namespace cairn
