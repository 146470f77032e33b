// Reads JSON in tests.
#pragma once

#include "catch.hpp"
#include "json_text.hpp"

#include <string>
#include <string_view>

namespace sake::test {

/// The value that `text` contains. If it is refused, the test case ends.
template <class T>
T value_of(std::string_view text) {
  const auto result = http::read_json<T>(text);
  INFO(text << ": " << result.error().message());
  REQUIRE(result);
  return *result;
}

} // namespace sake::test
