// Path patterns: which paths a route answers.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sake::routing {

/// Which paths a route answers: "/users/:id", "/files/*path".
///
/// Segments are the parts between the slashes. A literal segment matches the same octets as the
/// client sent them: no case folding, no percent-decoding, so "caf%C3%A9" is written as it is sent.
/// A parameter `:name` matches one whole segment, a wildcard `*name` the rest of the path with its
/// slashes; neither is ever empty. "/users" and "/users/" are different patterns.
class path_pattern {
public:
  enum class kind : std::uint8_t { literal, parameter, wildcard };

  struct segment {
    path_pattern::kind kind;
    /// The octets of a literal; the name of a parameter or wildcard.
    std::string text;
  };

  /// The octets for a parameter and for a wildcard in a shape; no literal holds them.
  static constexpr char parameter_mark = '\x01';
  static constexpr char wildcard_mark = '\x02';

  /// Reads a pattern.
  ///
  /// @returns the pattern; or one sentence that says where and why `text` is wrong
  static boost::system::result<path_pattern, std::string> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  /// At least one; the pattern "/" is one empty literal.
  [[nodiscard]] const std::vector<segment>& segments() const noexcept { return segments_; }

  /// The pattern with a mark in place of each parameter and wildcard. Two patterns match the same
  /// paths exactly when their shapes are equal.
  [[nodiscard]] std::string shape() const;

private:
  path_pattern() = default;

  std::string text_;
  std::vector<segment> segments_;
};

} // namespace sake::routing
