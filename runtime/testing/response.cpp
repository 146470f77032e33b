#include "response.hpp"

#include "../../http/fields.hpp"
#include "../../http/output.hpp"
#include "../../http/status.hpp"
#include "failure.hpp"

#include <algorithm>
#include <charconv>
#include <ostream>
#include <system_error>
#include <utility>

namespace sake::testing {

namespace {

constexpr std::size_t shown_content = 1000;

// Returns the line at `at` and moves `at` behind it; nothing if the line is incomplete.
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

// All octets of the content, with those of a file.
std::string all_content(const http::response& from) {
  const auto& uncopied = from.data().uncopied;
  if (uncopied == nullptr)
    return std::string{from.content()};
  http::output pieces;
  pieces.append(*uncopied);
  std::string octets(pieces.size(), '\0');
  if (pieces.copy(octets.data(), octets.size()) < octets.size())
    throw failure("the file of a response is shorter than its part, or cannot be read");
  return octets;
}

} // namespace

// -- response -------------------------------------------------------------------------

response::response(const http::response& from)
    : status_(from.status()), content_(all_content(from)) {
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

bool response_reader::read_status() {
  const auto line = take_line(input_, at_);
  if (!line)
    return false;
  if (!line->starts_with("HTTP/1.1 ") || line->size() < 12)
    refuse(*line);
  part_.status_ = static_cast<int>(number(line->substr(9, 3), 10));
  next_ = &response_reader::read_field;
  return true;
}

bool response_reader::read_field() {
  const auto line = take_line(input_, at_);
  if (!line)
    return false;
  if (line->empty()) {
    begin_content();
    return true;
  }
  const auto colon = line->find(": ");
  if (colon == std::string_view::npos)
    refuse(*line);
  part_.fields_.emplace_back(line->substr(0, colon), line->substr(colon + 2));
  return true;
}

void response_reader::begin_content() {
  const int status = part_.status_;
  if (to_head_ || status < 200 || status == 204 || status == 304) {
    next_ = nullptr;
  } else if (part_.header("Transfer-Encoding") == "chunked") {
    next_ = &response_reader::read_chunk;
  } else if (part_.has_header("Content-Length")) {
    content_left_ = number(part_.header("Content-Length"), 10);
    next_ = &response_reader::read_sized;
  } else {
    next_ = &response_reader::read_to_end;
  }
}

bool response_reader::read_sized() {
  const auto size = std::min(content_left_, input_.size() - at_);
  part_.content_.append(input_, at_, size);
  at_ += size;
  content_left_ -= size;
  if (content_left_ > 0)
    return false;
  next_ = nullptr;
  return true;
}

bool response_reader::read_to_end() {
  part_.content_.append(input_, at_);
  at_ = input_.size();
  if (!finished_)
    return false;
  next_ = nullptr;
  return true;
}

bool response_reader::read_chunk() {
  auto at = at_;
  const auto line = take_line(input_, at);
  if (!line)
    return false;
  const auto size = number(*line, 16);
  if (size > 0) {
    if (input_.size() < at + size + 2)
      return false;
    part_.content_.append(input_, at, size);
    at += size + 2;
  } else {
    next_ = &response_reader::read_trailer;
  }
  at_ = at;
  return true;
}

// The trailer ends with an empty line.
bool response_reader::read_trailer() {
  const auto line = take_line(input_, at_);
  if (line && line->empty())
    next_ = nullptr;
  return line.has_value();
}

response response_reader::take_whole() {
  part_.raw_ = input_.substr(0, at_);
  input_.erase(0, at_);
  at_ = 0;
  next_ = &response_reader::read_status;
  return std::exchange(part_, {});
}

std::optional<response> response_reader::next(bool to_head) {
  to_head_ = to_head;
  while ((this->*next_)()) {
    if (next_ != nullptr)
      continue;
    auto whole = take_whole();
    if (whole.status_ >= 200)
      return whole;
  }
  return std::nullopt;
}

} // namespace sake::testing
