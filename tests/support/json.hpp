// Reads JSON in tests.
#pragma once

#include "catch.hpp"

#include <sake/http/json/json.hpp>

#include <string>
#include <string_view>

namespace sake::test {

/// `value` as JSON text.
template <class T>
std::string json(const T& value) {
  std::string text;
  http::json_writer out{text};
  write_json(out, value);
  return text;
}

/// The value that `text` contains. If it is refused, the test case ends.
template <class T>
T value_of(std::string_view text) {
  const auto result = http::read_json<T>(text);
  INFO(text << ": " << result.error().message());
  REQUIRE(result);
  return *result;
}

} // namespace sake::test
