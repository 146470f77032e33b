// Values as JSON text.
#pragma once

#include <sake/http/json/json.hpp>

#include <string>

namespace sake::test {

/// `value` as JSON text.
template <class T>
std::string json(const T& value) {
  std::string text;
  http::json_writer out{text};
  write_json(out, value);
  return text;
}

} // namespace sake::test
