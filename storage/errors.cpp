// SPDX-License-Identifier: BSD-3-Clause
#include <cairn/storage/errors.hpp>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace cairn {
namespace {

std::string sentence(const StorageError::Place& at, std::string_view problem) {
  std::string text;
  if (!at.tier.empty()) text += fmt::format("{} tier: ", at.tier);
  if (!at.file.empty()) text += fmt::format("{}: ", at.file);
  if (at.slot.index >= 0) text += fmt::format("slot {}", at.slot.index);
  if (at.step >= 0) text += fmt::format("{}step {}", at.slot.index >= 0 ? ", " : "", at.step);
  if (at.slot.index >= 0 || at.step >= 0) text += ": ";
  return text.append(problem);
}

std::string with_errno(std::string_view problem, int error_number) {
  if (error_number == 0) return std::string{problem};
  return fmt::format("{}: {}", problem, words_for(error_number));
}

}  // namespace

StorageError::StorageError(Kind kind, const Place& at, std::string_view problem)
    : std::runtime_error{sentence(at, problem)}, kind_{kind}, file_{std::make_shared<const std::string>(at.file)} {}

FileError::FileError(std::string_view problem, int error_number)
    : std::runtime_error{with_errno(problem, error_number)}, error_number_{error_number} {}

StorageError::Kind FileError::kind() const noexcept {
  const bool full = error_number_ == ENOSPC || error_number_ == EDQUOT || error_number_ == EFBIG;
  return full ? StorageError::Kind::full : StorageError::Kind::io;
}

std::string words_for(int error_number) {
  const char* name = ::strerrorname_np(error_number);
  return fmt::format("{} ({})", ::strerrordesc_np(error_number) ? ::strerrordesc_np(error_number) : "Unknown error",
                     name ? name : std::to_string(error_number).c_str());
}

std::string readable(Bytes bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes.count < 1024) return fmt::format("{} B", bytes.count);
  auto amount = static_cast<double>(bytes.count);
  std::size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < std::size(units); ++unit) amount /= 1024;
  return fmt::format("{:.1f} {}", amount, units[unit]);
}

}  // namespace cairn
