// SPDX-License-Identifier: BSD-3-Clause
/// What the library logs while a test looks.
#pragma once

#include <memory>
#include <sstream>
#include <string>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

namespace cairn::test {

/// The logger "cairn" writes here until the end of this object; there is none before and after.
class CapturedLog {
 public:
  CapturedLog() {
    spdlog::register_logger(
        std::make_shared<spdlog::logger>("cairn", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_)));
  }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;
  ~CapturedLog() { spdlog::drop("cairn"); }
  std::string text() const { return lines_.str(); }

 private:
  std::ostringstream lines_;
};

}  // namespace cairn::test
