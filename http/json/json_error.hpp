// Why a JSON text was refused.
#pragma once

#include <cstddef>
#include <string>

namespace sake::http {

/// Why a JSON text was refused, in words fit for the peer who sent it.
struct json_error {
  /// Where, in octets from the start of the text.
  std::size_t offset = 0;
  /// The value at fault, from the outermost one: "items[3].price"; empty for the outermost itself.
  std::string path;
  /// One line: "expected a number, found a string".
  std::string reason;

  /// Everything in one line: "items[3].price: expected a number, found a string (octet 57)".
  [[nodiscard]] std::string message() const;
  /// The line that a client is told with 400.
  [[nodiscard]] std::string refusal() const;
};

} // namespace sake::http

namespace sake {
using http::json_error;
} // namespace sake
