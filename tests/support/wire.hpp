// Requests and responses in their wire form, dated by the manual clock.
#pragma once

#include <sake/http/refusal.hpp>
#include <sake/http/status.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace sake::test {

/// @param fields  lines, each with its ending
inline std::string get(std::string_view target, std::string_view fields = {}) {
  return std::string{"GET "}.append(target).append(" HTTP/1.1\r\nHost: a\r\n").append(fields)
         + "\r\n";
}

/// The head of a request; its content comes later.
inline std::string post_head(std::string_view target, std::size_t content_length,
                             std::string_view fields = {}) {
  return std::string{"POST "}
      .append(target)
      .append(" HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(content_length) + "\r\n")
      .append(fields)
      .append("\r\n");
}

/// The same for chunked content.
inline std::string chunked_head(std::string_view target) {
  return std::string{"POST "}.append(target).append(
      " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
}

inline std::string post(std::string_view target, std::string_view content,
                        std::string_view fields = {}) {
  return post_head(target, content.size(), fields).append(content);
}

/// A response in its wire form.
///
/// @param fields  lines before Content-Length, each with its ending
/// @param last_fields  lines behind Content-Length, such as Connection
inline std::string on_wire(int status, std::string_view fields, std::string_view content,
                           std::string_view last_fields = {}) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + ' ';
  text.append(http::reason_phrase(status))
      .append("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n")
      .append(fields)
      .append("Content-Length: " + std::to_string(content.size()) + "\r\n")
      .append(last_fields)
      .append("\r\n")
      .append(content);
  return text;
}

inline constexpr std::string_view closes = "Connection: close\r\n";

/// A response of text, as `context::string` makes it.
inline std::string text_on_wire(int status, std::string_view content,
                                std::string_view last_fields = {}) {
  return on_wire(status, "Content-Type: text/plain; charset=utf-8\r\n", content, last_fields);
}

/// The response to a refused request.
inline std::string refusal_on_wire(const http::refusal& why) {
  return text_on_wire(why.status, std::string{why.reason} + '\n', closes);
}

/// A response with its status line as content.
inline std::string plain_on_wire(int status, std::string_view last_fields = {}) {
  return text_on_wire(status, std::string{http::reason_phrase(status)} + '\n', last_fields);
}

} // namespace sake::test
