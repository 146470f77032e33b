#include "encoder.hpp"

#include "../detail/octets.hpp"
#include "../status.hpp"
#include "date.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

namespace sake::http {

namespace {

constexpr std::string_view length_name = "Content-Length: ";
constexpr std::string_view chunked_line = "Transfer-Encoding: chunked\r\n";
constexpr std::string_view connection_close = "Connection: close\r\n";
constexpr std::string_view connection_keep_alive = "Connection: keep-alive\r\n";
constexpr std::size_t max_digits = std::numeric_limits<std::uint64_t>::digits10 + 1;

// The most octets to encode beside those of `options` and of the response itself.
constexpr std::size_t fixed_octets = status_line_room + length_name.size() + max_digits
                                     + detail::crlf.size() + connection_keep_alive.size()
                                     + detail::crlf.size();

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

// A line of `date_clock` has a constant size, so its copy needs no call.
char* put_date(char* to, std::string_view line) noexcept {
  if (line.size() != date_clock::line_size) [[unlikely]]
    return put(to, line);
  std::memcpy(to, line.data(), date_clock::line_size);
  return to + date_clock::line_size;
}

[[gnu::always_inline]] inline char* put_content_length(char* to, std::uint64_t length) noexcept {
  to = put(to, length_name);
  to = std::to_chars(to, to + max_digits, length).ptr;
  return put(to, detail::crlf);
}

// RFC 9110 §8.6: neither content nor Content-Length.
constexpr bool has_no_length(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

// No content may follow the head (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
constexpr bool has_no_content(int status) noexcept {
  return has_no_length(status) || status == 205;
}

enum class part { whole, uncopied_head, chunked_head, head };

// One function for each part: nearly all requests need only that of whole responses.
template <part Part>
void encode_part(buffer& out, const response& message, const encode_options& options) {
  const detail::response_data& data = message.data();
  constexpr bool is_complete = Part == part::whole || Part == part::uncopied_head;
  const bool has_length = is_complete && !has_no_length(data.status);
  const bool has_content = is_complete && !has_no_content(data.status);
  const std::string_view content =
      has_content && Part == part::whole ? std::string_view{data.content} : std::string_view{};
  std::uint64_t length = content.size();
  if constexpr (Part == part::uncopied_head)
    length = has_content ? message.content_length() : 0;

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
    to = put_content_length(to, length);
  if constexpr (Part == part::chunked_head)
    to = put(to, chunked_line);
  if (!data.closes) {
    if (!options.keep_alive)
      to = put(to, connection_close);
    else if (options.client_minor_version == 0)
      to = put(to, connection_keep_alive);
  }
  to = put(to, detail::crlf);
  if (!options.head_request)
    to = put(to, content);
  out.commit(static_cast<std::size_t>(to - start));
}

// Returns the content of `message` as a piece. A handle of the response keeps content of its own:
// a response does not change its octets while another handle shares them.
piece content_of(const response& message) {
  if (const piece* const uncopied = message.data().uncopied.get())
    return *uncopied;
  auto keeper = std::make_shared<const response>(message);
  const std::string_view octets = keeper->content();
  return kept_octets{octets, std::move(keeper)};
}

[[gnu::cold]] void encode_uncopied(output& out, const response& message,
                                   const encode_options& options) {
  encode_part<part::uncopied_head>(out.octets(), message, options);
  if (options.head_request || has_no_content(message.status()))
    return;
  const std::string_view octets = message.content();
  if (!octets.empty() && octets.size() < uncopied_content_bytes)
    out.append(octets);
  else
    out.append(content_of(message));
}

} // namespace

void encode(output& out, const response& message, const encode_options& options) {
  const detail::response_data& data = message.data();
  if (data.uncopied == nullptr && data.content.size() < uncopied_content_bytes) [[likely]]
    encode_part<part::whole>(out.octets(), message, options);
  else
    encode_uncopied(out, message, options);
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
  constexpr std::size_t max_hex_digits = 2 * sizeof octets.size();
  char* const start = out.prepare(max_hex_digits + 2 * detail::crlf.size() + octets.size());
  char* to = std::to_chars(start, start + max_hex_digits, octets.size(), 16).ptr;
  to = put(to, detail::crlf);
  to = put(to, octets);
  to = put(to, detail::crlf);
  out.commit(static_cast<std::size_t>(to - start));
}

void encode_last_chunk(buffer& out) {
  out.append("0\r\n\r\n");
}

void encode_continue(buffer& out) {
  out.append("HTTP/1.1 100 Continue\r\n\r\n");
}

} // namespace sake::http
