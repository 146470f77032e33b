// A message that arrives from another node in pieces.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sake::actors::nodes {

/// A message that arrives from another node in pieces.
struct arriving_message {
  /// Of the whole message; 0: none arrives.
  std::uint64_t size = 0;
  std::string octets{};

  /// Adds a piece.
  /// @returns false if the message would be longer than its size
  [[nodiscard]] bool add(std::string_view piece) {
    if (piece.size() > size - octets.size())
      return false;
    octets += piece;
    return true;
  }
  [[nodiscard]] bool is_whole() const noexcept { return octets.size() == size; }
};

} // namespace sake::actors::nodes
