// What is written to the log.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sake::test {

/// The lines of the log while it lives, whichever thread writes them. One at a time.
class captured_log {
public:
  captured_log();
  captured_log(const captured_log&) = delete;
  captured_log& operator=(const captured_log&) = delete;
  ~captured_log();

  [[nodiscard]] std::vector<std::string> lines() const;
  /// How many lines hold `text`.
  [[nodiscard]] int count(std::string_view text) const;
  /// Whether `line` is one of them, as it is.
  [[nodiscard]] bool has(std::string_view line) const;
  [[nodiscard]] bool has_begun(std::string_view line) const;
};

} // namespace sake::test
