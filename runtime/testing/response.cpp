#include <sake/testing/response.hpp>

#include <sake/http/fields.hpp>
#include <sake/http/status.hpp>
#include <sake/testing/failure.hpp>

#include <charconv>
#include <ostream>
#include <system_error>

namespace sake::testing {

namespace {

constexpr std::size_t shown_content = 1000;

// The line that begins at `at`, which then stands behind it; nothing where its end is not there.
std::optional<std::string_view> take_line(std::string_view text, std::size_t& at) {
  const auto end = text.find("\r\n", at);
  if (end == std::string_view::npos)
    return std::nullopt;
  const auto line = text.substr(at, end - at);
  at = end + 2;
  return line;
}

[[noreturn]] void refuse(std::string_view line) {
  throw failure("what came back is no HTTP response: \"" + std::string{line.substr(0, 200)} + '"');
}

std::size_t number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end == text.data())
    refuse(text);
  return value;
}

} // namespace

// -- response -------------------------------------------------------------------------

response::response(const http::response& from) : status_(from.status()), content_(from.content()) {
  for (const auto& line : from.fields())
    fields_.emplace_back(line.name, line.value);
}

const std::string* response::find(std::string_view name) const noexcept {
  for (const auto& [own, value] : fields_)
    if (http::iequals(own, name))
      return &value;
  return nullptr;
}

std::string_view response::header(std::string_view name) const noexcept {
  const auto* const found = find(name);
  return found != nullptr ? std::string_view{*found} : std::string_view{};
}

bool response::has_header(std::string_view name) const noexcept {
  return find(name) != nullptr;
}

std::ostream& operator<<(std::ostream& out, const response& shown) {
  out << shown.status() << ' ' << http::reason_phrase(shown.status()) << '\n';
  for (const auto& [name, value] : shown.headers())
    out << name << ": " << value << '\n';
  out << '\n' << shown.content().substr(0, shown_content);
  if (shown.content().size() > shown_content)
    out << "... (" << shown.content().size() << " octets)";
  return out;
}

// -- response_reader ------------------------------------------------------------------

bool response_reader::read_head(response& into, std::size_t& at) const {
  const auto status = take_line(input_, at);
  if (!status)
    return false;
  if (!status->starts_with("HTTP/1.1 ") || status->size() < 12)
    refuse(*status);
  into.status_ = static_cast<int>(number(status->substr(9, 3), 10));
  for (;;) {
    const auto line = take_line(input_, at);
    if (!line)
      return false;
    if (line->empty())
      return true;
    const auto colon = line->find(": ");
    if (colon == std::string_view::npos)
      refuse(*line);
    into.fields_.emplace_back(line->substr(0, colon), line->substr(colon + 2));
  }
}

bool response_reader::read_chunks(response& into, std::size_t& at) const {
  for (;;) {
    const auto line = take_line(input_, at);
    if (!line)
      return false;
    const auto size = number(*line, 16);
    if (size == 0)
      break;
    if (input_.size() < at + size + 2)
      return false;
    into.content_.append(input_, at, size);
    at += size + 2;
  }
  // The trailer ends with an empty line.
  for (auto line = take_line(input_, at); line; line = take_line(input_, at))
    if (line->empty())
      return true;
  return false;
}

bool response_reader::read_content(response& into, std::size_t& at) const {
  if (into.header("Transfer-Encoding") == "chunked")
    return read_chunks(into, at);
  const bool has_length = into.has_header("Content-Length");
  if (!has_length && !finished_)
    return false;
  const auto size = has_length ? number(into.header("Content-Length"), 10) : input_.size() - at;
  if (input_.size() < at + size)
    return false;
  into.content_.assign(input_, at, size);
  at += size;
  return true;
}

std::optional<response> response_reader::next(bool to_head) {
  for (;;) {
    response read;
    std::size_t at = 0;
    if (!read_head(read, at))
      return std::nullopt;
    const bool is_interim = read.status_ < 200;
    const bool has_content = !is_interim && !to_head && read.status_ != 204 && read.status_ != 304;
    if (has_content && !read_content(read, at))
      return std::nullopt;
    read.raw_ = input_.substr(0, at);
    input_.erase(0, at);
    if (!is_interim)
      return read;
  }
}

} // namespace sake::testing
