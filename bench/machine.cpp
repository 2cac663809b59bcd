// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/run_record.hpp>

#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <machine.hpp>
#include <raw_file.hpp>
#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

namespace cairn::bench {
namespace {

std::string cpu_model() {
  std::ifstream facts{"/proc/cpuinfo"};
  for (std::string line; std::getline(facts, line);)
    if (line.starts_with("model name"))
      if (const std::size_t colon = line.find(": "); colon != std::string::npos) return line.substr(colon + 2);
  return "unknown";
}

int usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return ::get_nprocs();
  return CPU_COUNT(&cores);
}

Bytes memory() {
  struct ::sysinfo facts {};
  if (::sysinfo(&facts) != 0) return {};
  return {static_cast<std::uint64_t>(facts.totalram) * facts.mem_unit};
}

std::string kernel() {
  struct ::utsname names {};
  if (::uname(&names) != 0) return "unknown";
  const std::string release = names.release;
  return fmt::format("{} {}", names.sysname, release.substr(0, release.find('-')));  // what builders append says little
}

/// Is `path` below `mount_point`, or that itself?
bool lies_under(const std::string& path, const std::string& mount_point) {
  if (!path.starts_with(mount_point)) return false;
  return mount_point == "/" || path.size() == mount_point.size() || path[mount_point.size()] == '/';
}

}  // namespace

Bytes available_memory() {
  std::ifstream facts{"/proc/meminfo"};
  std::string name;
  for (std::uint64_t kibibytes = 0; facts >> name >> kibibytes; std::getline(facts, name))
    if (name == "MemAvailable:") return KiB(kibibytes);
  return {};
}

std::string file_system_of(const std::filesystem::path& folder) {
  const std::string path = std::filesystem::canonical(folder).string();
  std::ifstream mounts{"/proc/self/mountinfo"};
  std::string type = "unknown";
  std::size_t longest = 0;
  for (std::string line; std::getline(mounts, line);) {  // id parent device root mount-point … - type …
    std::istringstream words{line};
    std::string skipped, mount_point, found;
    words >> skipped >> skipped >> skipped >> skipped >> mount_point;
    while (words >> found && found != "-") continue;
    words >> found;
    if (!lies_under(path, mount_point) || mount_point.size() < longest) continue;
    longest = mount_point.size();  // the last of equals lies on top
    type = found;
  }
  return type;
}

Machine this_machine(const std::filesystem::path& folder, std::string command) {
  const RawFile probe{folder / "probe.raw", limits::block_bytes, RawFile::Cache::direct};
  return {.cpu = cpu_model(),
          .cores = usable_cores(),
          .memory = memory(),
          .kernel = kernel(),
          .compiler = fmt::format("g++ {}", __VERSION__),
          .file_system = file_system_of(folder),
          .direct = probe.direct(),
          .date = time_now(),
          .command = std::move(command)};
}

}  // namespace cairn::bench
