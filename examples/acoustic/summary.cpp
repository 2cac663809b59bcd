// SPDX-License-Identifier: BSD-3-Clause
#include "summary.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

namespace acoustic {
namespace {

std::string mebibytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

std::string number(cairn::Count count) {
  return count.saturated() ? "more than 2^64" : fmt::format("{}", count.value());
}

std::string line_of(const cairn::Report::PerLevel& level) {
  return fmt::format("  {:<5} {:>7} slots, at most {} held; {} takeshots, {} restores, {} moves; {} saved, {} loaded\n",
                     level.tier, level.slots, level.peak, number(level.takeshots), number(level.restores),
                     number(level.moves), mebibytes(level.saved.count), mebibytes(level.loaded.count));
}

}  // namespace

std::uint64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::uint64_t Summary::trajectory_bytes() const {
  return report.snapshot.count * static_cast<std::uint64_t>(report.steps + 1);
}

std::string Summary::text() const {
  std::string text = fmt::format("\n{} x {} cells of {} m, {} steps of {:.3f} ms, Ricker {:.1f} Hz, {} receivers\n",
                                 survey.model.x, survey.model.z, survey.spacing, report.steps, 1000 * survey.time_step,
                                 survey.frequency, survey.receivers.size());
  text += fmt::format("trajectory     {:>12}   {} states of {}\n", mebibytes(trajectory_bytes()), report.steps + 1,
                      mebibytes(report.snapshot.count));
  text += fmt::format("RAM allowed    {:>12}   {}: {} buffers of snapshots\n", mebibytes(ram_allowed_bytes),
                      ram_allowed, report.pool);
  text += fmt::format("own arrays     {:>12}   {} bytes: live state, adjoint, models, traces{}\n", mebibytes(own_bytes),
                      own_bytes, checks.empty() ? "" : ", checks");
  text += fmt::format("peak resident  {:>12}   {} bytes\n", mebibytes(peak_resident_bytes()), peak_resident_bytes());
  text += fmt::format("{} by the {} executor: {} advances, {} turns\n", report.schedule, report.executor,
                      number(report.advances), number(report.turns));
  for (const auto& level : report.levels) text += line_of(level);
  text += fmt::format(
      "seconds        {:.2f}: computing {:.2f} (advancing {:.2f}, turning {:.2f}), copying {:.2f}, stalled {:.2f}\n",
      report.total_seconds, report.advance_seconds + report.turn_seconds, report.advance_seconds, report.turn_seconds,
      report.copy_seconds, report.stall_seconds);
  if (misfit) text += fmt::format("misfit         {:.9g}\n", *misfit);
  if (gradient_hash) text += fmt::format("gradient hash  {:016x}\n", *gradient_hash);
  return text;
}

std::string Summary::json() const {
  auto checked = nlohmann::ordered_json::array();
  for (const Check& check : checks)
    checked.push_back({{"what", check.what},
                       {"value", check.value},
                       {"least", check.least},
                       {"most", check.most},
                       {"holds", check.holds()}});
  auto all = nlohmann::ordered_json::parse(report.json());
  all["acoustic"] = {
      {"cells_x", survey.model.x},
      {"cells_z", survey.model.z},
      {"spacing_metres", survey.spacing},
      {"time_step_seconds", survey.time_step},
      {"peak_frequency_hertz", survey.frequency},
      {"receivers", survey.receivers.size()},
      {"trajectory_bytes", trajectory_bytes()},
      {"ram_allowed_bytes", ram_allowed_bytes},
      {"own_bytes", own_bytes},
      {"peak_resident_bytes", peak_resident_bytes()},
      {"misfit", misfit ? nlohmann::ordered_json(*misfit) : nullptr},
      {"gradient_hash", gradient_hash ? nlohmann::ordered_json(fmt::format("{:016x}", *gradient_hash)) : nullptr},
      {"checks", checked}};
  return all.dump(2);
}

}  // namespace acoustic
