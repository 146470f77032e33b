// How values that middleware set travel to another process.
#pragma once

#include "../http/wire/octet_reader.hpp"
#include "../http/wire/octet_writer.hpp"

#include <any>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sake {

/// How a value of type `T` is written for another process, and read there. There is one for
/// `std::string`, bool and integers; for a type of your own specialise it, right behind the type:
///
///     template <>
///     struct sake::wire_codec<user> {
///       // Changes with the octets, so that processes of two versions refuse each other's values.
///       static constexpr std::string_view type = "user/1";
///       static void encode(std::string& out, const user& value); // appends
///       static std::optional<user> decode(std::string_view octets); // empty: malformed
///     };
///
/// `decode` must not trust its octets: they come from another process. `octet_writer` and
/// `octet_reader` in <sake/http/wire/…> write and read numbers and texts.
template <class T>
struct wire_codec;

template <>
struct wire_codec<std::string> {
  static constexpr std::string_view type = "text";
  static void encode(std::string& out, const std::string& value) { out += value; }
  static std::optional<std::string> decode(std::string_view octets) { return std::string{octets}; }
};

template <>
struct wire_codec<bool> {
  static constexpr std::string_view type = "bool";
  static void encode(std::string& out, bool value) { out += value ? '\1' : '\0'; }
  static std::optional<bool> decode(std::string_view octets) {
    if (octets.size() != 1 || static_cast<unsigned char>(octets[0]) > 1)
      return std::nullopt;
    return octets[0] != '\0';
  }
};

/// An integer is eight octets; its type tells its width: "i32", "u64".
template <std::integral T>
struct wire_codec<T> {
  static constexpr std::string_view type = [] {
    constexpr bool is_signed = std::is_signed_v<T>;
    switch (sizeof(T)) {
      case 1:
        return is_signed ? "i8" : "u8";
      case 2:
        return is_signed ? "i16" : "u16";
      case 4:
        return is_signed ? "i32" : "u32";
      default:
        return is_signed ? "i64" : "u64";
    }
  }();
  static void encode(std::string& out, T value) {
    http::wire::octet_writer{out}.u64(static_cast<std::uint64_t>(value));
  }
  static std::optional<T> decode(std::string_view octets) {
    using widest = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    using range = std::numeric_limits<T>;
    http::wire::octet_reader from{octets};
    const auto value = static_cast<widest>(from.u64());
    if (!from.is_at_end() || value < widest{range::min()} || value > widest{range::max()})
      return std::nullopt;
    return static_cast<T>(value);
  }
};

namespace routing {

/// Whether there is a `wire_codec` for `T`.
template <class T>
concept travels = requires(std::string& out, const T& value, std::string_view octets) {
  { wire_codec<T>::type } -> std::convertible_to<std::string_view>;
  wire_codec<T>::encode(out, value);
  { wire_codec<T>::decode(octets) } -> std::same_as<std::optional<T>>;
};

/// A value in wire form.
struct wire_value {
  /// Under which it was set.
  std::string key;
  /// `wire_codec::type` of the value.
  std::string type;
  std::string octets;

  friend bool operator==(const wire_value&, const wire_value&) = default;
};

namespace detail {

/// A value that a layer set.
struct set_value {
  std::string key;
  std::any value;
  /// Writes it for another process; null if it does not travel.
  wire_value (*to_wire)(const set_value&) = nullptr;
};

template <travels T>
wire_value to_wire(const set_value& from) {
  wire_value made{from.key, std::string{wire_codec<T>::type}, {}};
  wire_codec<T>::encode(made.octets, *std::any_cast<T>(&from.value));
  return made;
}

/// Reads a value that came in wire form, and puts it in the place of that form.
/// @returns null if `from` holds none, another type, or malformed octets
template <travels T>
T* from_wire(std::any& from) noexcept {
  const auto* const arrived = std::any_cast<wire_value>(&from);
  if (arrived == nullptr || arrived->type != wire_codec<T>::type)
    return nullptr;
  try {
    if (std::optional<T> value = wire_codec<T>::decode(arrived->octets))
      return &from.emplace<T>(std::move(*value));
  } catch (...) {
    // As malformed: a reader of values does not throw.
  }
  return nullptr;
}

} // namespace detail

} // namespace routing

} // namespace sake
