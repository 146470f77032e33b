#include "json_number.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <system_error>

namespace sake::http::detail {

namespace {

constexpr std::string_view out_of_range = "a number out of that range";
constexpr std::string_view too_large = "one that is too large";

std::uint64_t greatest(const json_type& type) noexcept {
  const unsigned bits = 8u * type.size - (type.is_signed ? 1u : 0u);
  return std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
}

std::int64_t least(const json_type& type) noexcept {
  return type.is_signed ? -static_cast<std::int64_t>(greatest(type)) - 1 : 0;
}

template <class T>
void store(void* object, T value) noexcept {
  // No assignment: the object may be of another type of the same size.
  std::memcpy(object, &value, sizeof value);
}

void store_integer(json_target target, std::uint64_t value) noexcept {
  switch (target.type->size) {
    case 1:
      return store(target.object, static_cast<std::uint8_t>(value));
    case 2:
      return store(target.object, static_cast<std::uint16_t>(value));
    case 4:
      return store(target.object, static_cast<std::uint32_t>(value));
    default:
      return store(target.object, value);
  }
}

template <class T>
bool parse(std::string_view digits, T& value) noexcept {
  return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc{};
}

std::string_view set_integer(json_target target, std::string_view digits) {
  if (digits.find_first_of(".eE") != std::string_view::npos)
    return "a number with a fraction or an exponent";
  if (digits.front() == '-') {
    std::int64_t value = 0;
    if (!parse(digits, value) || value < least(*target.type))
      return out_of_range;
    store_integer(target, static_cast<std::uint64_t>(value));
  } else {
    std::uint64_t value = 0;
    if (!parse(digits, value) || value > greatest(*target.type))
      return out_of_range;
    store_integer(target, value);
  }
  return {};
}

std::string_view set_real(json_target target, std::string_view digits) {
  double value = 0;
  if (!parse(digits, value)) {
    // Out of range without a positive exponent means too close to zero.
    const std::size_t exponent = digits.find_first_of("eE");
    if (exponent != std::string_view::npos && digits[exponent + 1] != '-')
      return too_large;
    value = digits.front() == '-' ? -0.0 : 0.0;
  }
  if (target.type->size == sizeof(double)) {
    store(target.object, value);
    return {};
  }
  if (std::abs(value) > std::numeric_limits<float>::max())
    return too_large;
  store(target.object, static_cast<float>(value));
  return {};
}

} // namespace

std::string_view set_number(json_target target, std::string_view digits) {
  return target.type->kind == json_kind::integer ? set_integer(target, digits)
                                                 : set_real(target, digits);
}

std::string integer_range(const json_type& type) {
  return "from " + std::to_string(least(type)) + " to " + std::to_string(greatest(type));
}

} // namespace sake::http::detail
