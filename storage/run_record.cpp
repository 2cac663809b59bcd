// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/checksum.hpp>
#include <cairn/storage/run_record.hpp>

#include <array>
#include <ctime>
#include <span>
#include <stdexcept>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
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

void RunRecord::put_identity(std::string_view json) {
  if (json.size() >= identity_bytes)
    throw std::invalid_argument{
        fmt::format("the identity of a run has {} bytes; at most {} are possible", json.size(), identity_bytes - 1)};
  put_end(time_now());
  put_identity_text(json);
  put_end({});
}

std::string time_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace cairn
