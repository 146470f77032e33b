#include <sake/http/encoder.hpp>

#include <sake/http/date.hpp>
#include <sake/http/status.hpp>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <limits>

namespace sake::http {

namespace {

constexpr std::string_view length_name = "Content-Length: ";
constexpr std::string_view chunked_line = "Transfer-Encoding: chunked\r\n";
constexpr std::string_view connection_close = "Connection: close\r\n";
constexpr std::string_view connection_keep_alive = "Connection: keep-alive\r\n";
constexpr std::string_view line_end = "\r\n";
constexpr std::size_t most_digits = std::numeric_limits<std::size_t>::digits10 + 1;

// The most octets that the lines below may take, beside those that come from elsewhere.
constexpr std::size_t fixed_octets = status_line_room + length_name.size() + most_digits
                                     + line_end.size() + connection_keep_alive.size()
                                     + line_end.size();

char* put(char* to, std::string_view octets) noexcept {
  if (!octets.empty())
    std::memcpy(to, octets.data(), octets.size());
  return to + octets.size();
}

char* put_status_line(char* to, int status) noexcept {
  const std::string_view line = status_line(status);
  std::memcpy(to, line.data(), status_line_room);
  return to + line.size();
}

// A date_clock's line has a size that the compiler knows, and copies without a call.
char* put_date(char* to, std::string_view line) noexcept {
  if (line.size() != date_clock::line_size) [[unlikely]]
    return put(to, line);
  std::memcpy(to, line.data(), date_clock::line_size);
  return to + date_clock::line_size;
}

char* put_content_length(char* to, std::size_t length) noexcept {
  to = put(to, length_name);
  to = std::to_chars(to, to + most_digits, length).ptr;
  return put(to, line_end);
}

// RFC 9110 §8.6: neither content nor Content-Length.
constexpr bool has_no_length(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

enum class part { whole, chunked_head, head };

// A function for each part: that of whole responses is what nearly every request needs.
template <part Part>
void encode_part(buffer& out, const response& message, const encode_options& options) {
  const detail::response_data& data = message.data();
  const bool has_length = Part == part::whole && !has_no_length(data.status);
  const std::string_view content = has_length && data.status != 205 // RFC 9110 §15.3.6
                                       ? std::string_view{data.content}
                                       : std::string_view{};

  char* const start =
      out.prepare(fixed_octets + options.date_line.size() + options.server_line.size()
                  + data.fields.size() + content.size());
  char* to = put_status_line(start, data.status);
  if (!data.has_date)
    to = put_date(to, options.date_line);
  if (!data.has_server)
    to = put(to, options.server_line);
  to = put(to, data.fields);
  if (has_length)
    to = put_content_length(to, content.size());
  if constexpr (Part == part::chunked_head)
    to = put(to, chunked_line);
  if (!data.closes) {
    if (!options.keep_alive)
      to = put(to, connection_close);
    else if (options.client_minor_version == 0)
      to = put(to, connection_keep_alive);
  }
  to = put(to, line_end);
  if (!options.head_request)
    to = put(to, content);
  out.commit(static_cast<std::size_t>(to - start));
}

} // namespace

void encode(buffer& out, const response& message, const encode_options& options) {
  encode_part<part::whole>(out, message, options);
}

void encode_head(buffer& out, const response& message, const encode_options& options, framing how) {
  if (how == framing::chunked)
    encode_part<part::chunked_head>(out, message, options);
  else
    encode_part<part::head>(out, message, options);
}

void encode_chunk(buffer& out, std::string_view octets) {
  if (octets.empty())
    return;
  constexpr std::size_t most_hex_digits = 2 * sizeof octets.size();
  char* const start = out.prepare(most_hex_digits + 2 * line_end.size() + octets.size());
  char* to = std::to_chars(start, start + most_hex_digits, octets.size(), 16).ptr;
  to = put(to, line_end);
  to = put(to, octets);
  to = put(to, line_end);
  out.commit(static_cast<std::size_t>(to - start));
}

void encode_last_chunk(buffer& out) {
  out.append("0\r\n\r\n");
}

void encode_continue(buffer& out) {
  out.append("HTTP/1.1 100 Continue\r\n\r\n");
}

} // namespace sake::http
