#include "field_judge.hpp"

#include "../../fields.hpp"
#include "../../method.hpp"

namespace sake::http::detail {

const refusal* field_judge::take(char octet) noexcept {
  if (at_ == part::line_end) {
    at_ = part::line_start;
    return octet == '\n' ? nullptr : &refusals::bare_carriage_return;
  }
  if (octet == '\r') {
    const bool lacks_colon = at_ == part::name;
    at_ = part::line_end;
    return lacks_colon ? &refusals::bad_field_name : nullptr;
  }
  if (at_ == part::value)
    return is_field_value({&octet, 1}) ? nullptr : &refusals::bad_field_value;
  return take_name(octet);
}

const refusal* field_judge::take_name(char octet) noexcept {
  if (octet == ':' && at_ == part::name)
    at_ = part::value;
  else if (is_token({&octet, 1}))
    at_ = part::name;
  else
    return &refusals::bad_field_name;
  return nullptr;
}

} // namespace sake::http::detail
