// The lines that are written to the log.
#pragma once

#include <sake/routing/log.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sake::test {

/// While it lives, collects the lines of the log from one level on, from all threads. At most one
/// may live.
class captured_log {
public:
  explicit captured_log(log_level least = log_level::debug);
  captured_log(const captured_log&) = delete;
  captured_log& operator=(const captured_log&) = delete;
  ~captured_log();

  [[nodiscard]] std::vector<std::string> lines() const;
  /// The number of lines that contain `text`.
  [[nodiscard]] int count(std::string_view text) const;
  /// Whether one of the lines equals `line`.
  [[nodiscard]] bool has(std::string_view line) const;
  /// Whether one of the lines begins with `line`.
  [[nodiscard]] bool has_begun(std::string_view line) const;
};

} // namespace sake::test
