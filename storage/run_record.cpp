// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/run_record.hpp>

#include <array>
#include <ctime>
#include <span>
#include <utility>

#include <fmt/chrono.h>
#include <unistd.h>

namespace cairn {
namespace {

std::string host_name() {
  std::array<char, 256> name{};  // POSIX: at most 255 bytes and an end
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

}  // namespace

RunFacts facts_of_this_process(std::string schedule, std::string config) {
  return {.schedule = std::move(schedule),
          .config = std::move(config),
          .host = host_name(),
          .version = CAIRN_VERSION,
          .start = time_now()};
}

std::uint64_t run_hash_of(std::string_view identity) {
  return identity.empty() ? 0 : hash_of(std::as_bytes(std::span{identity}));
}

std::string time_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace cairn
