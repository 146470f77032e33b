// Types as data: how to fill a value of a type while JSON text is read, so that one reader serves
// all types.
#pragma once

#include "json_traits.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sake::http {
struct json_error;
} // namespace sake::http

namespace sake::http::detail {

enum class json_kind : std::uint8_t {
  boolean,
  integer,
  real,
  string,
  optional,
  array,
  map,
  object
};

struct json_type;
struct json_type_member;

/// A function, so that a struct may hold a container of its own kind.
using json_type_getter = const json_type& (*)();

/// The description of a type for the reader. `object` is a pointer to a value of that type.
struct json_type {
  json_kind kind;
  /// Octets and sign of a number.
  std::uint8_t size = 0;
  bool is_signed = false;
  /// Sets a boolean.
  void (*set_boolean)(void* object, bool value) = nullptr;
  /// Empties an optional, an array or a map.
  void (*clear)(void* object) = nullptr;
  /// Makes a place for an element of an optional, an array or a map and returns it; null if the map
  /// holds `key` already.
  void* (*place)(void* object, std::string_view key) = nullptr;
  /// The element type of an optional, an array or a map.
  json_type_getter element = nullptr;
  const json_type_member* members = nullptr;
  std::size_t member_count = 0;
};

/// Members of a struct that JSON may know: the reader has a bit for each.
inline constexpr std::size_t json_member_limit = 64;

/// A member of a struct.
struct json_type_member {
  std::string_view name;
  json_type_getter type = nullptr;
  void* (*place)(void* object) = nullptr;
  bool is_required = true;
};

/// A value to be read, and its type; no type: a value to be ignored.
struct json_target {
  const json_type* type = nullptr;
  void* object = nullptr;
};

/// See `sake::http::read_json`.
bool read_json(std::string_view text, json_target target, std::size_t depth_limit,
               json_error& error);

template <class T>
const json_type& json_type_of();

template <class T>
concept json_readable_optional = json_optional<T> && requires(T& value) {
  value.reset();
  value.emplace();
};

template <class T>
concept json_readable_map = json_map<T> && requires(T& value) {
  value.clear();
  value.try_emplace(std::string{});
};

template <class T>
concept json_readable_array = json_range<T> && requires(T& value) {
  value.clear();
  value.emplace_back();
};

template <class T>
constexpr json_type json_optional_type() {
  return {.kind = json_kind::optional,
          .clear = [](void* object) { static_cast<T*>(object)->reset(); },
          .place = [](void* object, std::string_view) -> void* {
            return &static_cast<T*>(object)->emplace();
          },
          .element = &json_type_of<typename T::value_type>};
}

template <class T>
constexpr json_type json_map_type() {
  return {.kind = json_kind::map,
          .clear = [](void* object) { static_cast<T*>(object)->clear(); },
          .place = [](void* object, std::string_view key) -> void* {
            const auto [where, is_new] = static_cast<T*>(object)->try_emplace(std::string{key});
            return is_new ? &where->second : nullptr;
          },
          .element = &json_type_of<typename T::mapped_type>};
}

/// An element of a container of bits has no address: its place is the container itself.
template <class T>
const json_type& json_bit_of() {
  static constexpr json_type type{
      .kind = json_kind::boolean,
      .set_boolean = [](void* object, bool value) { static_cast<T*>(object)->push_back(value); }};
  return type;
}

template <class T>
constexpr json_type json_array_type() {
  json_type type{.kind = json_kind::array,
                 .clear = [](void* object) { static_cast<T*>(object)->clear(); }};
  if constexpr (std::is_lvalue_reference_v<decltype(*std::declval<T&>().begin())>) {
    type.place = [](void* object, std::string_view) -> void* {
      return &static_cast<T*>(object)->emplace_back();
    };
    type.element = &json_type_of<typename T::value_type>;
  } else {
    type.place = [](void* object, std::string_view) { return object; };
    type.element = &json_bit_of<T>;
  }
  return type;
}

struct json_member_counter {
  std::size_t count = 0;

  template <auto Member>
  constexpr void member(std::string_view) noexcept {
    ++count;
  }
};

template <class T, std::size_t Count>
struct json_member_collector {
  json_type_member members[Count == 0 ? 1 : Count];
  std::size_t count = 0;

  template <auto Member>
  constexpr void member(std::string_view name) {
    using type = std::remove_reference_t<decltype(std::declval<T&>().*Member)>;
    members[count++] = {name, &json_type_of<type>,
                        [](void* object) -> void* { return &(static_cast<T*>(object)->*Member); },
                        !json_optional<type>};
  }
};

template <class T>
constexpr auto collect_json_members() {
  constexpr std::size_t count = [] {
    json_member_counter counter;
    describe_json(counter, std::type_identity<T>{});
    return counter.count;
  }();
  static_assert(count <= json_member_limit);
  json_member_collector<T, count> collector{};
  describe_json(collector, std::type_identity<T>{});
  return collector;
}

template <class T>
constexpr json_type json_number_type(json_kind kind) {
  return {.kind = kind, .size = sizeof(T), .is_signed = std::is_signed_v<T>};
}

template <class T>
constexpr json_type make_json_type() {
  if constexpr (std::same_as<T, bool>)
    return {.kind = json_kind::boolean,
            .set_boolean = [](void* object, bool value) { *static_cast<bool*>(object) = value; }};
  else if constexpr (json_integer<T>)
    return json_number_type<T>(json_kind::integer);
  else if constexpr (one_of<T, float, double>)
    return json_number_type<T>(json_kind::real);
  else if constexpr (std::same_as<T, std::string>)
    return {.kind = json_kind::string};
  else if constexpr (json_readable_optional<T>)
    return json_optional_type<T>();
  else if constexpr (json_readable_map<T>)
    return json_map_type<T>();
  else {
    static_assert(json_readable_array<T>,
                  "read_json knows no such type: see its description, and SAKE_JSON");
    return json_array_type<T>();
  }
}

template <class T>
const json_type& json_type_of() {
  if constexpr (json_described<T>) {
    static constexpr auto collected = collect_json_members<T>();
    static constexpr json_type type{
        .kind = json_kind::object, .members = collected.members, .member_count = collected.count};
    return type;
  } else {
    static constexpr json_type type = make_json_type<T>();
    return type;
  }
}

} // namespace sake::http::detail
