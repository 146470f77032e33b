#include "matchers.hpp"

#include <ostream>
#include <sstream>

namespace sake::testing {

matcher has_status(int status) {
  return {"status " + std::to_string(status),
          [status](const response& got) { return got.status() == status; }};
}

matcher has_header(std::string_view name) {
  return {"a field " + std::string{name},
          [name = std::string{name}](const response& got) { return got.has_header(name); }};
}

matcher has_header(std::string_view name, std::string_view value) {
  const auto line = std::string{name}.append(": ").append(value);
  return {line, [name = std::string{name}, value = std::string{value}](const response& got) {
            return got.has_header(name) && got.header(name) == value;
          }};
}

matcher has_no_header(std::string_view name) {
  return {"no field " + std::string{name},
          [name = std::string{name}](const response& got) { return !got.has_header(name); }};
}

matcher has_content(std::string_view content) {
  return {
      "the content \"" + std::string{content} + '"',
      [content = std::string{content}](const response& got) { return got.content() == content; }};
}

matcher contains(std::string_view text) {
  return {"\"" + std::string{text} + "\" in the content",
          [text = std::string{text}](const response& got) {
            return got.content().find(text) != std::string::npos;
          }};
}

verdict matches_all(const response& got, const std::vector<matcher>& expected) {
  std::string missing;
  for (const auto& each : expected)
    if (!each.holds(got))
      missing += (missing.empty() ? "" : ", ") + each.expected;
  if (missing.empty())
    return {};
  std::ostringstream text;
  text << "expected " << missing << "; got " << got;
  return verdict{text.str()};
}

std::ostream& operator<<(std::ostream& out, const verdict& shown) {
  return out << (shown ? "as expected" : shown.why_not());
}

} // namespace sake::testing
