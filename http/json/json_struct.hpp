// Declares the members of a struct for JSON.
#pragma once

#include <type_traits>

/// Describes a struct for JSON, in both directions: `SAKE_JSON(point, x, y)` in the namespace of
/// `point`, after it, names the members of a JSON object. Up to 64 members.
///
/// Reading requires every member except those of type std::optional, ignores unknown members, and
/// keeps nothing of an input with an error. Writing leaves out an empty std::optional.
///
/// If a name in JSON differs from the member's, write the function instead of the macro:
///
///     template <class Visitor>
///     constexpr void describe_json(Visitor& visitor, std::type_identity<point>) {
///       visitor.template member<&point::x>("left");
///       visitor.template member<&point::y>("top");
///     }
#define SAKE_JSON(type, ...)                                                                       \
  template <class Visitor>                                                                         \
  constexpr void describe_json([[maybe_unused]] Visitor& visitor, ::std::type_identity<type>) {    \
    __VA_OPT__(SAKE_JSON_DETAIL_EXPAND(SAKE_JSON_DETAIL_MEMBERS(type, __VA_ARGS__)))               \
  }                                                                                                \
  static_assert(true)

// A macro cannot call itself: MEMBERS leaves a call that the preprocessor sees only on a rescan,
// and EXPAND rescans often enough for 64 members.
#define SAKE_JSON_DETAIL_MEMBERS(type, name, ...)                                                  \
  visitor.template member<&type::name>(#name);                                                     \
  __VA_OPT__(SAKE_JSON_DETAIL_AGAIN SAKE_JSON_DETAIL_PARENTHESES(type, __VA_ARGS__))
#define SAKE_JSON_DETAIL_AGAIN() SAKE_JSON_DETAIL_MEMBERS
#define SAKE_JSON_DETAIL_PARENTHESES ()
#define SAKE_JSON_DETAIL_EXPAND(...)                                                               \
  SAKE_JSON_DETAIL_16(SAKE_JSON_DETAIL_16(SAKE_JSON_DETAIL_16(SAKE_JSON_DETAIL_16(__VA_ARGS__))))
#define SAKE_JSON_DETAIL_16(...)                                                                   \
  SAKE_JSON_DETAIL_4(SAKE_JSON_DETAIL_4(SAKE_JSON_DETAIL_4(SAKE_JSON_DETAIL_4(__VA_ARGS__))))
#define SAKE_JSON_DETAIL_4(...)                                                                    \
  SAKE_JSON_DETAIL_1(SAKE_JSON_DETAIL_1(SAKE_JSON_DETAIL_1(SAKE_JSON_DETAIL_1(__VA_ARGS__))))
#define SAKE_JSON_DETAIL_1(...) __VA_ARGS__
