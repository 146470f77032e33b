#include "event_stream.hpp"

#include <stdexcept>
#include <string>

namespace sake {

namespace {

void append_line(std::string& to, std::string_view field, std::string_view value) {
  to.append(field).append(": ").append(value) += '\n';
}

// Appends a field line for each line of `text`. Lines end as they do for a client: CRLF, LF or CR.
void append_lines(std::string& to, std::string_view field, std::string_view text) {
  for (;;) {
    const auto end = text.find_first_of("\r\n");
    append_line(to, field, text.substr(0, end));
    if (end == std::string_view::npos)
      return;
    text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
  }
}

void check_line(std::string_view what, std::string_view value) {
  if (value.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos)
    throw std::invalid_argument("the " + std::string{what}
                                + " of a server-sent event holds CR, LF or NUL");
}

std::string to_text(const server_event& what) {
  std::string text;
  if (what.retry) {
    if (what.retry->count() < 0)
      throw std::invalid_argument("the retry of a server-sent event is negative");
    append_line(text, "retry", std::to_string(what.retry->count()));
  }
  if (what.id) {
    check_line("id", *what.id);
    append_line(text, "id", *what.id);
  }
  check_line("type", what.event);
  if (!what.event.empty())
    append_line(text, "event", what.event);
  if (!what.event.empty() || !what.data.empty())
    append_lines(text, "data", what.data);
  return text += '\n';
}

} // namespace

response_stream::room event_stream::send(const server_event& what) {
  return out_.write(to_text(what), chain_->is_draining());
}

response_stream::room event_stream::comment(std::string_view text) {
  std::string lines;
  append_lines(lines, {}, text);
  return out_.write(lines += '\n', chain_->is_draining());
}

} // namespace sake
