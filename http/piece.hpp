// Octets that go out without a copy.
#pragma once

#include "file.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>

namespace sake::http {

/// Octets in memory that somebody else owns. They must not change while `keeper` lives.
struct kept_octets {
  std::string_view octets;
  std::shared_ptr<const void> keeper;
};

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
