// Responses in, octets out: the sending half of HTTP/1.1 (RFC 9112), without any output.
#pragma once

#include <sake/http/buffer.hpp>
#include <sake/http/response.hpp>

#include <cstdint>
#include <string_view>

namespace sake::http {

/// What a response needs to know of the request that it answers and of the connection.
struct encode_options {
  /// "Date: …\r\n" from a `date_clock`; empty for no such line.
  std::string_view date_line{};
  /// "Server: …\r\n", where the response has no such line itself; empty for none.
  std::string_view server_line{};
  /// Of the request's version: 0 for HTTP/1.0, else 1.
  int client_minor_version = 1;
  /// Whether the connection persists after this response. A response whose Connection field says
  /// close ends it all the same.
  bool keep_alive = true;
  /// Whether the request's method was HEAD.
  bool head_request = false;
};

/// Appends `message` to `out` as it goes over the wire: status line, Date unless the response has
/// its own, fields, what says where the content ends and whether the connection persists, and the
/// content. For HEAD the same without the content; 204 and 304 have neither content nor length,
/// 205 has a length of 0. Makes room in `out` at most once.
void encode(buffer& out, const response& message, const encode_options& options);

/// How a client learns where content that comes in pieces ends (RFC 9112 §6.3).
enum class framing : std::uint8_t {
  chunked, ///< by the last chunk
  given    ///< by a Content-Length that the response has, or by the end of the connection
};

/// Appends the head of `message`, whose content comes behind it, framed so.
void encode_head(buffer& out, const response& message, const encode_options& options, framing how);

/// Appends `octets` as one chunk (RFC 9112 §7.1). None of them: nothing, for an empty chunk would
/// be the last.
void encode_chunk(buffer& out, std::string_view octets);

/// Appends what ends content in chunks.
void encode_last_chunk(buffer& out);

/// Appends the interim response that asks for the content (RFC 9110 §15.2.1).
void encode_continue(buffer& out);

} // namespace sake::http
