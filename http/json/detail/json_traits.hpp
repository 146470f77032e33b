// How JSON treats a type.
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace sake::http {
class json_writer;
} // namespace sake::http

namespace sake::http::detail {

template <class T, class... Choices>
concept one_of = (std::same_as<T, Choices> || ...);

/// Has its own `to_json(json_writer&, const T&)`, found by argument-dependent lookup.
template <class T>
concept json_custom = requires(json_writer& out, const T& value) { to_json(out, value); };

/// The integers that JSON knows as numbers; characters are not among them.
template <class T>
concept json_integer =
    std::integral<T> && !one_of<T, bool, char, wchar_t, char8_t, char16_t, char32_t>;

template <class T>
concept json_string =
    std::convertible_to<const T&, std::string_view> && !std::same_as<T, std::nullptr_t>;

template <class T>
concept json_optional = requires(const T& value) {
  { value.has_value() } -> std::same_as<bool>;
  *value;
};

struct json_no_visitor {
  template <auto Member>
  constexpr void member(std::string_view) const noexcept {}
};

/// Has a description, as SAKE_JSON gives it.
template <class T>
concept json_described =
    requires(json_no_visitor visitor) { describe_json(visitor, std::type_identity<T>{}); };

// <string_view> brings std::begin and std::end; <iterator> would bring the streams as well.

/// A range that does not consist of itself, as std::filesystem::path does.
template <class T>
concept json_range = requires(const T& value) {
  std::begin(value) != std::end(value);
  requires !std::same_as<std::remove_cvref_t<decltype(*std::begin(value))>, T>;
};

template <class T>
concept json_any_map = json_range<T> && requires {
  typename T::key_type;
  typename T::mapped_type;
};

/// A map with keys that are strings.
template <class T>
concept json_map = json_any_map<T> && json_string<typename T::key_type>;

/// A range that is no map: JSON has no place for maps with other keys.
template <class T>
concept json_list = json_range<T> && !json_any_map<T>;

template <class T>
concept json_literal = one_of<T, bool, char, std::nullptr_t>;

template <class T>
concept json_scalar =
    json_literal<T> || json_integer<T> || std::floating_point<T> || json_string<T>;

template <class T>
concept json_compound = json_optional<T> || json_described<T> || json_map<T> || json_list<T>;

/// The types that `write_json` takes.
template <class T>
concept json_writable = json_custom<T> || json_scalar<T> || json_compound<T>;

} // namespace sake::http::detail
