// How the content of a request is framed.
#pragma once

#include <cstdint>

namespace sake::http::detail {

/// How the content of a request is framed (RFC 9112 §6.3).
struct framing {
  bool is_chunked = false;
  /// Octets of content; 0 if it is chunked or absent.
  std::uint64_t content_length = 0;
};

} // namespace sake::http::detail
