#include "request_id.hpp"

#include <algorithm>
#include <cstddef>

namespace sake::http {

std::string_view request_id(const request& message) noexcept {
  constexpr std::size_t max_bytes = 128;
  const auto id = message.header("X-Request-Id");
  const bool is_valid = id.size() <= max_bytes && std::all_of(id.begin(), id.end(), [](char c) {
                          return c > ' ' && c < 0x7f;
                        });
  return is_valid ? id : std::string_view{};
}

} // namespace sake::http
