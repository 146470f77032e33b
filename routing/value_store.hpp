// Values that the layers of a request pass to each other.
#pragma once

#include "wire_codec.hpp"

#include <any>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sake::routing {

class chain_runner;

/// Values that the layers of a request pass to each other, each under a key. A pointer or reference
/// to a value stays valid until a value is set under a new key.
class value_store {
public:
  template <class T>
  void set(std::string_view key, T&& value) {
    auto& slot = this->slot(key);
    slot.value = std::forward<T>(value);
    slot.to_wire = nullptr;
  }
  /// As `set`. If the handler runs in another process, the value travels there; other values do
  /// not. Needs a `wire_codec` for the type: see <sake/routing/wire_codec.hpp>.
  template <class T>
  void set_travelling(std::string_view key, T&& value) {
    using type = std::decay_t<T>;
    static_assert(travels<type>,
                  "what travels is a std::string, a bool, an integer, or has a sake::wire_codec");
    auto& slot = this->slot(key);
    slot.value = std::forward<T>(value);
    slot.to_wire = detail::to_wire<type>;
  }
  /// The value under `key`; null if there is none, it is of another type, or it came from another
  /// process malformed.
  template <class T>
  [[nodiscard]] T* get(std::string_view key) noexcept {
    std::any* const found = find(key);
    T* value = std::any_cast<T>(found);
    if constexpr (travels<T>)
      if (value == nullptr && found != nullptr) [[unlikely]]
        value = detail::from_wire<T>(*found);
    return value;
  }
  /// The value under `key`. @throws std::out_of_range when `get` would return null
  template <class T>
  [[nodiscard]] T& must_get(std::string_view key) {
    if (T* value = get<T>(key))
      return *value;
    missing(key);
  }

private:
  friend class chain_runner;

  detail::set_value& slot(std::string_view key);
  std::any* find(std::string_view key) noexcept;
  [[noreturn]] static void missing(std::string_view key);

  std::vector<detail::set_value> values_;
};

} // namespace sake::routing
