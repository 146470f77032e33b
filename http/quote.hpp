// Foreign text in a message of ours.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sake::http {

/// Returns `text` between quotation marks, as printable ASCII on one line: a quotation mark, a
/// backslash, and every octet that is not printable ASCII become `\xNN`. Of a longer text the first
/// `max_octets` are shown, and "…" follows the closing mark.
///
/// Not named `quoted`: for a std::string argument the compiler would prefer std::quoted.
[[nodiscard]] std::string quote(std::string_view text,
                                std::size_t max_octets = std::string_view::npos);

/// Returns `text`, in which some is foreign, on one line: each control octet becomes `\xNN`.
[[nodiscard]] std::string on_one_line(std::string_view text);

/// Returns `texts`, each on one line, with a line end between them.
[[nodiscard]] std::string as_lines(const std::vector<std::string>& texts);

} // namespace sake::http
