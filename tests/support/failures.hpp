// SPDX-License-Identifier: BSD-3-Clause
/// What a call throws, to be looked at.
#pragma once

#include <cairn/storage/errors.hpp>

#include <stdexcept>
#include <string>

namespace cairn::test {

/// The StorageError that the call throws; another exception passes, and none at all is a std::runtime_error.
template <class Call>
StorageError failure(const Call& call) {
  try {
    call();
  } catch (const StorageError& error) {
    return error;
  }
  throw std::runtime_error{"no StorageError was thrown"};
}

/// The text of the exception of this type that the call throws; empty where it throws none.
template <class Exception, class Call>
std::string text_of(const Call& call) {
  try {
    call();
  } catch (const Exception& error) {
    return error.what();
  }
  return {};
}

}  // namespace cairn::test
