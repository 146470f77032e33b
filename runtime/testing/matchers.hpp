// What a response is held against.
#pragma once

#include <sake/testing/response.hpp>

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::testing {

/// One thing that is expected of a response.
struct matcher {
  /// "status 200"
  std::string expected;
  std::function<bool(const response&)> holds;
};

[[nodiscard]] matcher has_status(int status);
/// A field of that name, without case.
[[nodiscard]] matcher has_header(std::string_view name);
/// A field of that name whose first value is `value`.
[[nodiscard]] matcher has_header(std::string_view name, std::string_view value);
[[nodiscard]] matcher has_no_header(std::string_view name);
[[nodiscard]] matcher has_content(std::string_view content);
/// `text` somewhere in the content.
[[nodiscard]] matcher contains(std::string_view text);

/// What became of an expectation: true or false, and in text what was expected and what was there.
/// Any framework that takes a condition takes it; one that prints the condition prints this.
class [[nodiscard]] verdict {
public:
  verdict() = default;
  explicit verdict(std::string why_not) : why_not_(std::move(why_not)) {}

  explicit operator bool() const noexcept { return why_not_.empty(); }
  /// What was expected and what was there; empty when all is well.
  [[nodiscard]] const std::string& why_not() const noexcept { return why_not_; }

private:
  std::string why_not_;
};

std::ostream& operator<<(std::ostream& out, const verdict& shown);

[[nodiscard]] verdict matches_all(const response& got, const std::vector<matcher>& expected);

/// Holds `got` against each of `expected`.
///
///     CHECK(matches(app.get("/"), has_status(200), has_content("hi")));
template <class... Matchers>
verdict matches(const response& got, Matchers&&... expected) {
  return matches_all(got, {std::forward<Matchers>(expected)...});
}

} // namespace sake::testing
