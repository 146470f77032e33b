// Expectations of a response.
#pragma once

#include "response.hpp"

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::testing {

/// One expectation of a response.
struct matcher {
  /// "status 200"
  std::string expected;
  std::function<bool(const response&)> holds;
};

[[nodiscard]] matcher has_status(int status);
/// There is a field of that name, without case.
[[nodiscard]] matcher has_header(std::string_view name);
/// The first field of that name has the value `value`.
[[nodiscard]] matcher has_header(std::string_view name, std::string_view value);
[[nodiscard]] matcher has_no_header(std::string_view name);
[[nodiscard]] matcher has_content(std::string_view content);
/// The content contains `text`.
[[nodiscard]] matcher contains(std::string_view text);

/// The result of a check: true or false, with a text that names the expected and the actual result.
/// Works as a condition in any test framework; a framework that prints conditions prints the text.
class [[nodiscard]] verdict {
public:
  verdict() = default;
  explicit verdict(std::string why_not) : why_not_(std::move(why_not)) {}

  explicit operator bool() const noexcept { return why_not_.empty(); }
  /// The expected and the actual result; empty if the check holds.
  [[nodiscard]] const std::string& why_not() const noexcept { return why_not_; }

private:
  std::string why_not_;
};

std::ostream& operator<<(std::ostream& out, const verdict& shown);

[[nodiscard]] verdict matches_all(const response& got, const std::vector<matcher>& expected);

/// Checks `got` against each of `expected`.
///
///     CHECK(matches(app.get("/"), has_status(200), has_content("hi")));
template <class... Matchers>
verdict matches(const response& got, Matchers&&... expected) {
  return matches_all(got, {std::forward<Matchers>(expected)...});
}

} // namespace sake::testing
