#include "head_scanner.hpp"

#include "../method.hpp"

#include <algorithm>
#include <cstring>

namespace sake::http {

namespace {

// RFC 9112 §2.2 asks servers to skip at least one empty line before a request line: some clients
// send one after content. No known client sends more than a few.
constexpr int max_empty_lines = 4;

// Positions inside a head have 32 bits, whatever a configuration allows.
constexpr std::size_t longest = std::size_t{1} << 30;

// The position of the first LF of `text` at or after `from`; the size of `text` if there is none.
std::size_t find_line_feed(std::string_view text, std::size_t from) noexcept {
  const void* found = std::memchr(text.data() + from, '\n', text.size() - from);
  if (found == nullptr)
    return text.size();
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// Why a line that starts with `first`, a control octet or space, is no field line.
const refusal* judge_line_start(char first) noexcept {
  switch (first) {
    case ' ':
    case '\t':
      return &refusals::folded_field;
    case '\n':
      return &refusals::bare_line_feed;
    case '\r':
      return &refusals::bare_carriage_return;
    default:
      return &refusals::bad_field_name;
  }
}

} // namespace

field_section_scanner::outcome field_section_scanner::scan(std::string_view section,
                                                           const limits& max) noexcept {
  const std::size_t limit = std::min(max.field_section_bytes, longest);
  while (line_ < section.size()) {
    const char first = section[line_];
    if (static_cast<unsigned char>(first) <= ' ') {
      const std::string_view line = section.substr(line_, 2);
      if (line == "\r\n")
        return {line_ + line.size(), nullptr};
      if (line == "\r")
        return {};
      return {line_, judge_line_start(first)};
    }
    const std::size_t end = find_line_feed(section, scanned_);
    if (end >= limit)
      return {limit, &refusals::field_section_too_large};
    scanned_ = static_cast<std::uint32_t>(end);
    if (end == section.size())
      return {};
    if (section[end - 1] != '\r')
      return {end, &refusals::bare_line_feed};
    if (++count_ > max.field_count)
      return {end, &refusals::too_many_fields};
    scanned_ = line_ = static_cast<std::uint32_t>(end + 1);
  }
  return {};
}

head_scanner::outcome head_scanner::scan(std::string_view input, const limits& max) noexcept {
  outcome result;
  if (!in_fields_) {
    if (scanned_ == 0) {
      result.why = skip_empty_lines(input, result.skipped);
      input.remove_prefix(result.skipped);
    }
    if (result.why == nullptr)
      scan_request_line(input, max, result);
    if (!in_fields_)
      return result;
  }
  const auto fields = fields_.scan(input.substr(scanned_), max);
  result.why = fields.why;
  if (fields.size != 0 || fields.why != nullptr)
    result.size = scanned_ + fields.size;
  return result;
}

const refusal* head_scanner::skip_empty_lines(std::string_view input,
                                              std::size_t& skipped) noexcept {
  while (input.size() - skipped >= 2 && input[skipped] == '\r') {
    if (input[skipped + 1] != '\n')
      return &refusals::bare_carriage_return;
    if (++empty_lines_ > max_empty_lines)
      return &refusals::empty_lines;
    skipped += 2;
  }
  return nullptr;
}

void head_scanner::scan_request_line(std::string_view input, const limits& max,
                                     outcome& result) noexcept {
  if (input.empty() || (input.size() == 1 && input[0] == '\r'))
    return;
  if (scanned_ == 0 && !is_token(input.substr(0, 1))) {
    result.why = &refusals::bad_start;
    return;
  }
  const std::size_t limit = std::min(max.request_line_bytes, longest);
  const std::size_t end = find_line_feed(input, scanned_);
  result.size = std::min(end, limit);
  if (end >= limit) {
    const bool has_method = input.substr(0, limit).find(' ') != std::string_view::npos;
    result.why = has_method ? &refusals::request_line_too_long : &refusals::method_too_long;
    return;
  }
  scanned_ = static_cast<std::uint32_t>(end);
  if (end != input.size() && input[end - 1] != '\r') {
    result.why = &refusals::bare_line_feed;
    return;
  }
  result.size = 0;
  if (end == input.size())
    return;
  scanned_ = static_cast<std::uint32_t>(end + 1);
  in_fields_ = true;
}

} // namespace sake::http
