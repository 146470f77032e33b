#include "chunk_line_judge.hpp"

#include "../../detail/octets.hpp"
#include "../../fields.hpp"
#include "../../method.hpp"

namespace sake::http::detail {

chunk_line_judge::verdict chunk_line_judge::judge(std::string_view line,
                                                  std::uint64_t most) noexcept {
  auto result = verdict::good;
  for (; result == verdict::good && seen_ < line.size(); ++seen_)
    result = take(line[seen_], most);
  return result;
}

chunk_line_judge::verdict chunk_line_judge::take(char octet, std::uint64_t most) noexcept {
  if ((at_ == part::start || at_ == part::size) && is_hex_digit(octet)) {
    at_ = part::size;
    const auto digit = static_cast<std::uint64_t>(hex_digit(octet));
    if (digit > most || size_ > (most - digit) / 16)
      return verdict::too_large;
    size_ = size_ * 16 + digit;
    return verdict::good;
  }
  at_ = next(at_, octet);
  return at_ == part::malformed ? verdict::malformed : verdict::good;
}

// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ), behind the size.
chunk_line_judge::part chunk_line_judge::next(part at, char octet) noexcept {
  const bool is_space = octet == ' ' || octet == '\t';
  const bool is_of_token = is_token({&octet, 1});
  switch (at) {
    case part::size:
    case part::token:
    case part::behind_value:
      if (octet == '\r')
        return part::line_end;
      if (at == part::token && is_of_token)
        return part::token;
      [[fallthrough]];
    case part::before_semicolon:
      return is_space ? part::before_semicolon : octet == ';' ? part::before_name : part::malformed;
    case part::before_name:
      return is_space ? part::before_name : is_of_token ? part::name : part::malformed;
    case part::name:
      if (octet == '\r')
        return part::line_end;
      if (is_of_token)
        return part::name;
      [[fallthrough]];
    case part::behind_name:
      return is_space       ? part::behind_name
             : octet == ';' ? part::before_name
             : octet == '=' ? part::before_value
                            : part::malformed;
    case part::before_value:
      return is_space       ? part::before_value
             : octet == '"' ? part::quoted
             : is_of_token  ? part::token
                            : part::malformed;
    case part::quoted:
      if (octet == '"' || octet == '\\')
        return octet == '"' ? part::behind_value : part::escaped;
      [[fallthrough]];
    case part::escaped:
      return is_field_value({&octet, 1}) ? part::quoted : part::malformed;
    default:
      return part::malformed;
  }
}

} // namespace sake::http::detail
