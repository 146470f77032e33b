#include "head_judge.hpp"

#include "../../detail/octets.hpp"
#include "../../fields.hpp"
#include "head_parser.hpp"

namespace sake::http::detail {

namespace {

constexpr std::string_view version_form = "HTTP/1.1";

bool is_control(char octet) noexcept {
  return !is_field_value({&octet, 1}) || octet == '\t';
}

} // namespace

const refusal* head_judge::judge(std::string_view head) {
  const refusal* why = nullptr;
  std::size_t lines = 0;
  for (; why == nullptr && seen_ < head.size(); ++seen_) {
    why = take(head[seen_]);
    if (why == nullptr && head[seen_] == '\n' && fields_.is_at_line_start())
      lines = seen_ + 1;
  }
  if (lines == 0)
    return why;
  const refusal* const earlier = judge_lines(head.substr(0, lines));
  return earlier != nullptr ? earlier : why;
}

const refusal* head_judge::take(char octet) noexcept {
  if (octet == '\r')
    at_ = part::fields; // the end of the request line is judged as that of any
  switch (at_) {
    case part::method:
      return take_method(octet);
    case part::target:
      return take_target(octet);
    case part::version:
      return take_version(octet);
    default:
      return fields_.take(octet);
  }
}

const refusal* head_judge::take_method(char octet) noexcept {
  if (octet == ' ')
    at_ = part::target;
  else if (!is_token_octet(octet))
    return &refusals::bad_method;
  return nullptr;
}

const refusal* head_judge::take_target(char octet) noexcept {
  if (octet == ' ')
    at_ = part::version;
  else if (!is_uri_octet(octet))
    return is_control(octet) ? &refusals::bad_target : &refusals::bad_target_octet;
  return nullptr;
}

const refusal* head_judge::take_version(char octet) noexcept {
  if (version_octets_ == version_form.size())
    return &refusals::bad_version;
  const char expected = version_form[version_octets_++];
  const bool fits = is_digit(expected) ? is_digit(octet) : octet == expected;
  return fits ? nullptr : &refusals::bad_version;
}

} // namespace sake::http::detail
