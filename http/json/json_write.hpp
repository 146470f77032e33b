// Writes a value of any type that JSON has a place for.
#pragma once

#include "detail/json_traits.hpp"
#include "json_writer.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace sake::http {

/// Writes `value` as the next value of `out`: bool, integers, floating-point numbers, strings (a
/// char is a string of one), nullptr, optionals (null when empty), structs described with
/// SAKE_JSON, maps with string keys, other ranges as arrays, and any nesting of these. If a type
/// has its own `void to_json(sake::json_writer&, const T&)` in its namespace, that writes it. A
/// null `const char*` becomes null.
template <detail::json_writable T>
void write_json(json_writer& out, const T& value);

namespace detail {

/// Writes the members of one object; see SAKE_JSON.
template <class T>
struct json_member_writer {
  json_writer& out;
  const T& object;

  template <auto Member>
  void member(std::string_view name) const {
    const auto& value = object.*Member;
    if constexpr (json_optional<std::remove_cvref_t<decltype(value)>>) {
      if (!value.has_value())
        return;
    }
    out.key(name);
    write_json(out, value);
  }
};

template <class T>
void write_json_number(json_writer& out, T value) {
  if constexpr (std::same_as<T, float>)
    out.real(value);
  else if constexpr (std::floating_point<T>)
    out.real(static_cast<double>(value));
  else if constexpr (std::is_signed_v<T>)
    out.int64(value);
  else
    out.uint64(value);
}

template <class T>
void write_json_string(json_writer& out, const T& value) {
  if constexpr (std::is_pointer_v<T>) {
    if (value == nullptr)
      return out.null();
  }
  out.string(value);
}

template <class T>
void write_json_object(json_writer& out, const T& value) {
  out.begin_object();
  if constexpr (json_described<T>) {
    json_member_writer<T> members{out, value};
    describe_json(members, std::type_identity<T>{});
  } else {
    for (const auto& [name, mapped] : value) {
      out.key(name);
      write_json(out, mapped);
    }
  }
  out.end_object();
}

template <class T>
void write_json_array(json_writer& out, const T& value) {
  out.begin_array();
  for (const auto& element : value)
    write_json(out, element);
  out.end_array();
}

} // namespace detail

template <detail::json_writable T>
void write_json(json_writer& out, const T& value) {
  if constexpr (detail::json_custom<T>)
    to_json(out, value);
  else if constexpr (std::same_as<T, std::nullptr_t>)
    out.null();
  else if constexpr (std::same_as<T, bool>)
    out.boolean(value);
  else if constexpr (std::same_as<T, char>)
    out.string({&value, 1});
  else if constexpr (detail::json_integer<T> || std::floating_point<T>)
    detail::write_json_number(out, value);
  else if constexpr (detail::json_string<T>)
    detail::write_json_string(out, value);
  else if constexpr (detail::json_described<T> || detail::json_map<T>)
    detail::write_json_object(out, value);
  else if constexpr (!detail::json_optional<T>)
    detail::write_json_array(out, value);
  else if (value.has_value())
    write_json(out, *value);
  else
    out.null();
}

} // namespace sake::http
