// Reads JSON text (RFC 8259) into values.
#pragma once

#include "detail/json_type.hpp"
#include "json_error.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace sake::http {

/// The result of `read_json`: a value, or the error.
template <class T>
class [[nodiscard]] json_result {
public:
  // NOLINTBEGIN(google-explicit-constructor): `return value;`, `return error;`
  json_result(T&& value) : value_(std::move(value)) {}
  json_result(json_error&& error) : error_(std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  // The value; requires `has_value()`.
  T& operator*() & noexcept { return *value_; }
  const T& operator*() const& noexcept { return *value_; }
  T&& operator*() && noexcept { return *std::move(value_); }
  T* operator->() noexcept { return &*value_; }
  const T* operator->() const noexcept { return &*value_; }

  /// The error; empty if there is a value.
  [[nodiscard]] const json_error& error() const noexcept { return error_; }

private:
  std::optional<T> value_;
  json_error error_;
};

/// How deeply arrays and objects may nest in a text that `read_json` takes.
inline constexpr std::size_t json_depth_limit = 64;

/// Reads `text`, which must be exactly one JSON value, as a `T`: bool, an integer, float, double,
/// std::string, std::optional, a struct described with SAKE_JSON, a map with string keys, another
/// container with `emplace_back`, and any nesting of these.
///
/// Strict: the text must be UTF-8; a number must fit its target, and a fraction or an exponent does
/// not make an integer; null is for std::optional alone; a repeated member of a struct or map is
/// refused, because readers disagree on which of two counts. Members that a struct does not know
/// are checked for their syntax and ignored.
///
/// Costs O(octets in `text`), without recursion: nesting beyond `depth_limit` is an error.
/// Allocates for the value, at most one element for every two octets, and a little for the reader
/// itself. Safe from any thread.
template <class T>
json_result<T> read_json(std::string_view text, std::size_t depth_limit = json_depth_limit) {
  T value{};
  json_error error;
  if (!detail::read_json(text, {&detail::json_type_of<T>(), &value}, depth_limit, error))
    return error;
  return value;
}

} // namespace sake::http

namespace sake {
using http::json_result;
using http::read_json;
} // namespace sake
