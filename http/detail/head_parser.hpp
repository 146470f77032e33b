// Turns the octets of a complete head into a request.
#pragma once

#include <sake/http/detail/request_data.hpp>
#include <sake/http/refusal.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::http::detail {

/// How the content of a request is framed (RFC 9112 §6.3).
struct framing {
  bool is_chunked = false;
  /// Octets of content; 0 where it is chunked, or where there is none.
  std::uint64_t content_length = 0;
};

/// Parses `data.head` and fills in the rest of `data` but the content, the peer and the
/// parameters. Beast's parser does the grammar; on top of it come the rules that decide where a
/// request ends and whom it is for, which Beast leaves to others.
///
/// @param data  `head` holds a complete head with its empty line, in which every line ends in
///              CRLF and none is folded; on return the empty line is gone
/// @param request_line_size  octets in its request line, line ending included
/// @returns why the request is refused, or null
const refusal* parse_head(request_data& data, std::size_t request_line_size, framing& content);

/// Judges the lines of a head that has come in part.
///
/// @param lines  the request line and complete field lines, perhaps with the empty line
/// @returns why the request is refused whatever lines come behind them, or null
const refusal* judge_lines(std::string_view lines);

} // namespace sake::http::detail
