// The text of request targets: percent-encoding (RFC 3986 §2.1) and queries.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::http {

/// Appends `in` to `out` with every percent-encoded octet decoded. '+' stays '+'. The result may
/// hold any octet, '/', NUL and invalid UTF-8 included.
///
/// @returns false if a '%' is not followed by two hexadecimal digits; `out` is then unchanged
bool percent_decode(std::string_view in, std::string& out);

/// `text` as one segment of a path: every octet that RFC 3986 §3.3 does not allow there, '/' and
/// '%' among them, becomes percent-encoded.
std::string percent_encode(std::string_view text);

/// One parameter of a query or of form content, decoded.
struct query_parameter {
  std::string name;
  std::string value;

  friend bool operator==(const query_parameter&, const query_parameter&) = default;
};

/// The parameters of `raw`, which is application/x-www-form-urlencoded, in their order and with
/// repeated names kept. As the URL standard (§5.1) has it, '+' is a space, a malformed escape
/// stands for itself, a parameter without '=' has the empty value, and empty parameters are
/// skipped. Unlike there, octets that are not UTF-8 stay as they are. Costs O(octets in `raw`).
std::vector<query_parameter> parse_query(std::string_view raw);

/// The value of the first parameter named `name`, as `parse_query` would give it; empty if there is
/// none. Allocates only for the value.
///
/// @param name  decoded
std::optional<std::string> query_value(std::string_view raw, std::string_view name);

} // namespace sake::http
