// Turns the octets of a complete head into a request.
#pragma once

#include "../../detail/framing.hpp"
#include "../../detail/request_data.hpp"
#include "../../refusal.hpp"

#include <cstddef>
#include <string_view>

namespace sake::http::detail {

/// Parses `data.head` and fills in the rest of `data` except the content, the peer and the
/// parameters. Beast's parser does the grammar; this adds the rules, left out by Beast, that decide
/// where a request ends and which host it is for.
///
/// @param data  `head` holds a complete head with its empty line, in which every line ends in CRLF
///              and none is folded; on return the empty line is gone
/// @param request_line_size  octets in its request line, line ending included
/// @returns why the request is refused, or null
const refusal* parse_head(request_data& data, std::size_t request_line_size, framing& content);

/// Judges the lines of an incomplete head.
///
/// @param lines  the request line and complete field lines, perhaps with the empty line
/// @returns why the request is refused whatever lines follow, or null
const refusal* judge_lines(std::string_view lines);

} // namespace sake::http::detail
