// UTF-8 as Unicode defines it (Unicode 15, table 3-7).
#pragma once

#include <string>
#include <string_view>

namespace sake::http::detail {

/// Whether `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing past U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

/// `text` with U+FFFD in place of each maximal subpart that is ill-formed, as the WHATWG encoding
/// standard and Unicode (§3.9) recommend.
std::string replace_invalid_utf8(std::string_view text);

} // namespace sake::http::detail
