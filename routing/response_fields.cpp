#include "response_fields.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sake::routing {

namespace {

constexpr std::array<std::string_view, 9> additive{"set-cookie",
                                                   "vary",
                                                   "link",
                                                   "www-authenticate",
                                                   "proxy-authenticate",
                                                   "via",
                                                   "server-timing",
                                                   "content-security-policy",
                                                   "access-control-expose-headers"};

constexpr std::array<std::string_view, 11> safe{"vary",
                                                "timing-allow-origin",
                                                "strict-transport-security",
                                                "content-security-policy",
                                                "x-content-type-options",
                                                "x-frame-options",
                                                "referrer-policy",
                                                "x-request-id",
                                                "traceparent",
                                                "server-timing",
                                                "connection"};

constexpr std::array<std::string_view, 2> safe_prefixes{"access-control-", "cross-origin-"};

template <class Names>
bool contains(const Names& names, std::string_view name) noexcept {
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view each) { return http::iequals(each, name); });
}

} // namespace

bool adds_up(std::string_view field_name) noexcept {
  return contains(additive, field_name);
}

namespace {

// Whether `answer` has `line` or a line that replaces it.
bool replaces(const http::response& answer, const http::field& line) {
  const auto lines = answer.fields();
  const bool by_value = adds_up(line.name);
  return std::any_of(lines.begin(), lines.end(), [&](const http::field& each) {
    return http::iequals(each.name, line.name) && (!by_value || each.value == line.value);
  });
}

} // namespace

bool is_safe_on_errors(std::string_view field_name) noexcept {
  return contains(safe, field_name)
         || std::any_of(safe_prefixes.begin(), safe_prefixes.end(),
                        [field_name](std::string_view prefix) {
                          return http::iequals(field_name.substr(0, prefix.size()), prefix);
                        });
}

http::response merge_fields(const http::response& before, http::response answer) {
  auto kept = before.fields();
  std::erase_if(kept, [&answer](const http::field& line) { return replaces(answer, line); });
  for (const http::field& line : kept)
    answer.add_header(line.name, line.value);
  return answer;
}

http::response keep_safe_fields(const http::response& failed) {
  http::response kept;
  for (const http::field& line : failed.fields())
    if (is_safe_on_errors(line.name))
      kept.add_header(line.name, line.value);
  return kept;
}

} // namespace sake::routing
