// JSON written down in code: {{"message", "Hello"}, {"n", 3}, {"nested", {{"a", 1}}}}.
#pragma once

#include "detail/json_traits.hpp"
#include "json_write.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <type_traits>

namespace sake::http {

struct json_member;
class json_value;

/// An object written down in code. Braces always mean an object, whatever they contain: `{{"a",
/// "b"}}` has one member, named "a".
using json_object = std::initializer_list<json_member>;

/// The elements of an array, as returned by `array`.
struct json_array {
  std::initializer_list<json_value> elements;
};

/// A reference to anything that `write_json` takes, or an object or array written down in code.
/// Nothing is copied or allocated: the values are borrowed, usually for the full expression. Pass
/// it on, do not keep it.
class json_value {
public:
  // NOLINTBEGIN(google-explicit-constructor): values are meant to convert
  template <detail::json_writable T>
  json_value(const T& value) noexcept {
    if constexpr (detail::json_custom<T>) {
      refer_to(value);
    } else if constexpr (std::same_as<T, std::nullptr_t>) {
      // Null already.
    } else if constexpr (std::same_as<T, bool>) {
      kind_ = kind::boolean;
      boolean_ = value;
    } else if constexpr (detail::json_integer<T> && std::is_signed_v<T>) {
      kind_ = kind::int64;
      int64_ = value;
    } else if constexpr (detail::json_integer<T>) {
      kind_ = kind::uint64;
      uint64_ = value;
    } else if constexpr (detail::one_of<T, double, long double>) {
      kind_ = kind::real;
      real_ = static_cast<double>(value);
    } else if constexpr (detail::json_string<T>) {
      if constexpr (std::is_pointer_v<T>) {
        if (value == nullptr)
          return;
      }
      kind_ = kind::string;
      string_ = value;
    } else {
      refer_to(value);
    }
  }

  json_value(json_object members) noexcept : kind_(kind::object), object_(members) {}

  json_value(json_array array) noexcept : kind_(kind::array), array_(array) {}

  /// Braces mean an object; for an array write `sake::array({1, 2})`.
  template <class T>
  json_value(std::initializer_list<T>) = delete;
  // NOLINTEND(google-explicit-constructor)

private:
  friend void write_json(json_writer& out, const json_value& value);

  enum class kind : std::uint8_t {
    null,
    boolean,
    int64,
    uint64,
    real,
    string,
    object,
    array,
    reference
  };

  struct any_reference {
    const void* object;
    void (*write)(json_writer&, const void*);
  };

  template <class T>
  void refer_to(const T& value) noexcept {
    kind_ = kind::reference;
    reference_ = {&value, [](json_writer& out, const void* object) {
                    write_json(out, *static_cast<const T*>(object));
                  }};
  }

  kind kind_ = kind::null;
  union {
    bool boolean_ = false;
    std::int64_t int64_;
    std::uint64_t uint64_;
    double real_;
    std::string_view string_;
    json_object object_;
    json_array array_;
    any_reference reference_;
  };
};

/// One member of an object.
struct json_member {
  // A template: braces never become a key. `{"a", "b"}` would, as a pair of iterators.
  template <std::convertible_to<std::string_view> Key>
  json_member(const Key& name, json_value content) noexcept : key(name), value(content) {}

  std::string_view key;
  json_value value;
};

/// An array written down in code: `array({1, "two", array({})})`. Borrows as `json_value` does.
/// Ranges do not need it: they are written as arrays.
inline json_array array(std::initializer_list<json_value> elements) noexcept {
  return {elements};
}

void write_json(json_writer& out, json_object members);
void write_json(json_writer& out, json_array array);
void write_json(json_writer& out, const json_value& value);

} // namespace sake::http

namespace sake {
using http::array;
using http::json_array;
using http::json_member;
using http::json_object;
using http::json_value;
} // namespace sake
