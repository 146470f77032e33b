// What is written to the log.
#pragma once

#include <sake/routing/log.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sake::test {

/// The lines of the log from one level on, while it lives, whichever thread writes them. There is
/// one at a time.
class captured_log {
public:
  explicit captured_log(log_level least = log_level::debug);
  captured_log(const captured_log&) = delete;
  captured_log& operator=(const captured_log&) = delete;
  ~captured_log();

  [[nodiscard]] std::vector<std::string> lines() const;
  /// How many lines hold `text`.
  [[nodiscard]] int count(std::string_view text) const;
  /// Whether `line` is one of them, as it is.
  [[nodiscard]] bool has(std::string_view line) const;
  /// Whether one of them begins with `line`.
  [[nodiscard]] bool has_begun(std::string_view line) const;
};

} // namespace sake::test
