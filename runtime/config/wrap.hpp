// Wraps text to the width of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sake {

/// The width of everything Sake prints.
inline constexpr std::size_t terminal_columns = 80;

/// Returns `text`, which must have one blank between words, in lines of at most `terminal_columns`.
/// The first line starts at `column`; each further one is indented by `indent`. A word that is too
/// long has a line of its own.
std::string wrap(std::string_view text, std::size_t column, std::size_t indent);

} // namespace sake
