// Numbers and texts from octets in wire form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::http::wire {

/// Reads the values that `octet_writer` wrote, in the same order. A read past the end fails: it and
/// all later ones return 0 or an empty text, so that a caller may read several values before it
/// checks `has_failed`. Allocates nothing; texts are views of the octets.
class octet_reader {
public:
  explicit octet_reader(std::string_view octets) noexcept : rest_(octets) {}

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number<1>()); }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number<2>()); }
  std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(number<4>()); }
  std::uint64_t u64() noexcept { return number<8>(); }

  /// Reads `size` octets.
  std::string_view octets(std::size_t size) noexcept {
    if (size > rest_.size()) {
      has_failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view read = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return read;
  }
  std::string_view text() noexcept { return octets(u32()); }

  /// Whether a read went past the end.
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }
  /// Whether all octets were read, and no read went past the end.
  [[nodiscard]] bool is_at_end() const noexcept { return rest_.empty() && !has_failed_; }

private:
  template <std::size_t Octets>
  std::uint64_t number() noexcept {
    std::uint64_t value = 0;
    for (const char octet : octets(Octets))
      value = value << 8 | static_cast<unsigned char>(octet);
    return value;
  }

  std::string_view rest_;
  bool has_failed_ = false;
};

} // namespace sake::http::wire
