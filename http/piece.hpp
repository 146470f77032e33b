// Octets that go out without a copy.
#pragma once

#include "file.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace sake::http {

/// A container that owns octets, one behind the other: a string, a vector of `char` or of
/// `std::byte`; not a view of them.
template <class T>
concept octet_container = requires(const T& container) {
  { std::data(container) } -> std::convertible_to<const void*>;
  { std::size(container) } -> std::convertible_to<std::size_t>;
  requires sizeof(*std::data(container)) == 1;
  requires !std::ranges::enable_view<std::remove_cv_t<T>>; // declared wherever views are
};

/// Octets in memory that somebody else owns. They must not change while `keeper` lives.
struct kept_octets {
  kept_octets() noexcept = default;
  kept_octets(std::string_view shared, std::shared_ptr<const void> owner) noexcept
      : octets(shared), keeper(std::move(owner)) {}
  /// All octets of a container that is shared.
  /// @throws std::invalid_argument for a null pointer
  template <class T>
    requires octet_container<T>
  kept_octets(std::shared_ptr<T> shared) : keeper(shared) { // implicit: for context::data
    if (shared == nullptr)
      throw std::invalid_argument("octets of no container");
    octets = {reinterpret_cast<const char*>(std::data(*shared)), std::size(*shared)};
  }

  std::string_view octets;
  std::shared_ptr<const void> keeper;
};

/// Octets that live, unchanged, as long as the process: a literal, an embedded file.
[[nodiscard]] inline kept_octets static_octets(std::string_view octets) noexcept {
  return {octets, nullptr};
}
/// A temporary does not live long enough.
template <std::same_as<std::string> Temporary>
kept_octets static_octets(Temporary&& octets) = delete;

/// A part of a file, which must not become shorter before the part has gone out.
struct file_part {
  std::shared_ptr<const file> from;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Octets that go out without a copy.
using piece = std::variant<kept_octets, file_part>;

/// Returns the number of octets in `what`.
[[nodiscard]] std::uint64_t size_of(const piece& what) noexcept;

} // namespace sake::http

namespace sake {
using http::file_part;
using http::kept_octets;
using http::static_octets;
} // namespace sake
