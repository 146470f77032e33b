#include "piece.hpp"

namespace sake::http {

std::uint64_t size_of(const piece& what) noexcept {
  if (const auto* const kept = std::get_if<kept_octets>(&what))
    return kept->octets.size();
  return std::get_if<file_part>(&what)->length;
}

} // namespace sake::http
