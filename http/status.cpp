#include "status.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sake::http {

namespace {

struct phrase {
  int status;
  std::string_view reason;
};

// IANA's registry of status codes, without those marked as unused or obsolete.
constexpr std::array phrases{
    phrase{100, "Continue"},
    phrase{101, "Switching Protocols"},
    phrase{102, "Processing"},
    phrase{103, "Early Hints"},
    phrase{200, "OK"},
    phrase{201, "Created"},
    phrase{202, "Accepted"},
    phrase{203, "Non-Authoritative Information"},
    phrase{204, "No Content"},
    phrase{205, "Reset Content"},
    phrase{206, "Partial Content"},
    phrase{207, "Multi-Status"},
    phrase{208, "Already Reported"},
    phrase{226, "IM Used"},
    phrase{300, "Multiple Choices"},
    phrase{301, "Moved Permanently"},
    phrase{302, "Found"},
    phrase{303, "See Other"},
    phrase{304, "Not Modified"},
    phrase{305, "Use Proxy"},
    phrase{307, "Temporary Redirect"},
    phrase{308, "Permanent Redirect"},
    phrase{400, "Bad Request"},
    phrase{401, "Unauthorized"},
    phrase{402, "Payment Required"},
    phrase{403, "Forbidden"},
    phrase{404, "Not Found"},
    phrase{405, "Method Not Allowed"},
    phrase{406, "Not Acceptable"},
    phrase{407, "Proxy Authentication Required"},
    phrase{408, "Request Timeout"},
    phrase{409, "Conflict"},
    phrase{410, "Gone"},
    phrase{411, "Length Required"},
    phrase{412, "Precondition Failed"},
    phrase{413, "Content Too Large"},
    phrase{414, "URI Too Long"},
    phrase{415, "Unsupported Media Type"},
    phrase{416, "Range Not Satisfiable"},
    phrase{417, "Expectation Failed"},
    phrase{421, "Misdirected Request"},
    phrase{422, "Unprocessable Content"},
    phrase{423, "Locked"},
    phrase{424, "Failed Dependency"},
    phrase{425, "Too Early"},
    phrase{426, "Upgrade Required"},
    phrase{428, "Precondition Required"},
    phrase{429, "Too Many Requests"},
    phrase{431, "Request Header Fields Too Large"},
    phrase{451, "Unavailable For Legal Reasons"},
    phrase{500, "Internal Server Error"},
    phrase{501, "Not Implemented"},
    phrase{502, "Bad Gateway"},
    phrase{503, "Service Unavailable"},
    phrase{504, "Gateway Timeout"},
    phrase{505, "HTTP Version Not Supported"},
    phrase{506, "Variant Also Negotiates"},
    phrase{507, "Insufficient Storage"},
    phrase{508, "Loop Detected"},
    phrase{511, "Network Authentication Required"},
};

constexpr int first_status = 100;
constexpr int last_status = 599;
constexpr std::size_t reason_offset = std::string_view{"HTTP/1.1 200 "}.size();

struct rendered_line {
  std::array<char, status_line_room> text;
  std::uint8_t size;
};

constexpr void append(rendered_line& line, std::string_view part) {
  for (char c : part)
    line.text[line.size++] = c;
}

constexpr rendered_line render(int status, std::string_view reason) {
  rendered_line line{};
  append(line, "HTTP/1.1 ");
  for (int digit : {status / 100, status / 10 % 10, status % 10})
    line.text[line.size++] = static_cast<char>('0' + digit);
  append(line, " ");
  append(line, reason);
  append(line, "\r\n");
  return line;
}

constexpr auto render_all() {
  std::array<rendered_line, last_status - first_status + 1> lines{};
  for (int status = first_status; status <= last_status; ++status)
    lines[static_cast<std::size_t>(status - first_status)] = render(status, {});
  for (const phrase& known : phrases)
    lines[static_cast<std::size_t>(known.status - first_status)] =
        render(known.status, known.reason);
  return lines;
}

constexpr auto lines = render_all();

} // namespace

std::string_view status_line(int status) noexcept {
  if (status < first_status || status > last_status)
    status = 500;
  const rendered_line& line = lines[static_cast<std::size_t>(status - first_status)];
  return {line.text.data(), line.size};
}

std::string_view reason_phrase(int status) noexcept {
  if (status < first_status || status > last_status)
    return {};
  std::string_view reason = status_line(status).substr(reason_offset);
  reason.remove_suffix(2);
  return reason;
}

} // namespace sake::http
