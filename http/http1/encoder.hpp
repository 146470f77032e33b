// Responses in, octets out: the sending half of HTTP/1.1 (RFC 9112), without any output.
#pragma once

#include "../buffer.hpp"
#include "../output.hpp"
#include "../response.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::http {

/// The facts of the request and of the connection that an encoded response depends on.
struct encode_options {
  /// "Date: …\r\n" from a `date_clock`; empty for none.
  std::string_view date_line{};
  /// "Server: …\r\n", for a response without its own; empty for none.
  std::string_view server_line{};
  /// Of the request's version: 0 for HTTP/1.0, else 1.
  int client_minor_version = 1;
  /// Whether the connection persists after this response. A response with `Connection: close` ends
  /// it anyway.
  bool keep_alive = true;
  /// Whether the request's method was HEAD.
  bool head_request = false;
};

/// Content in memory of at least this many octets goes out from where it lies; to copy less is
/// cheaper.
inline constexpr std::size_t uncopied_content_bytes = 16 * 1024;

/// Appends `message` to `out` as sent: status line, Date unless the response has its own, fields,
/// the framing, Connection where needed, and the content. For HEAD the content is left out; 204 and
/// 304 have neither content nor length, 205 has a length of 0.
void encode(output& out, const response& message, const encode_options& options);

/// How a client finds the end of content that comes in pieces (RFC 9112 §6.3).
enum class framing : std::uint8_t {
  chunked, ///< by the last chunk
  given    ///< by the Content-Length of the response, or by the end of the connection
};

/// Appends the head of `message`; its content follows, framed as `how`.
void encode_head(buffer& out, const response& message, const encode_options& options, framing how);

/// Appends `octets` as one chunk (RFC 9112 §7.1). Empty `octets` append nothing, because an empty
/// chunk would be the last.
void encode_chunk(buffer& out, std::string_view octets);

/// Appends the last chunk, which ends the content.
void encode_last_chunk(buffer& out);

/// Appends the interim response that asks for the content (RFC 9110 §15.2.1).
void encode_continue(buffer& out);

} // namespace sake::http
