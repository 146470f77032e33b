// Any octets at all: the guard over BASP survives them, gives the same verdict however they are
// cut, and accepts only what its table says.
#include "check.hpp"

#include <sake/actors/nodes/basp/basp_guard.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace sake::actors::nodes;
using sake::test::check;

namespace {

std::string_view verdict(link_side side, std::string_view octets, std::size_t piece) {
  basp_guard guard{side};
  while (!octets.empty()) {
    const auto next = octets.substr(0, piece);
    if (!guard.accept(next))
      break;
    octets.remove_prefix(next.size());
  }
  return guard.reason();
}

// Reads whole headers in the plainest way.
bool is_allowed(link_side side, std::string_view octets) {
  for (bool is_first = true; octets.size() >= basp_guard::header_size; is_first = false) {
    const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(octets[i]); };
    const std::size_t size = std::size_t{octet(4)} << 24 | std::size_t{octet(5)} << 16
                             | std::size_t{octet(6)} << 8 | octet(7);
    const int handshake = side == link_side::dialled ? 0 : 1;
    const std::size_t most = octet(0) == 2 ? 1024 * 1024 : is_first ? 4096 : 65'536;
    const bool fits = octet(0) == 6 ? size == 0 : size > 0 && size <= most;
    const bool is_known =
        is_first ? octet(0) == handshake : octet(0) == 2 || (octet(0) >= 4 && octet(0) <= 6);
    if (!is_known || !fits)
      return false;
    octets.remove_prefix(std::min(octets.size(), basp_guard::header_size + size));
  }
  return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> copy(data, data + size);
  const std::string_view octets{copy.data(), copy.size()};
  for (const auto side : {link_side::dialled, link_side::accepted}) {
    const auto whole = verdict(side, octets, octets.size());
    check(whole.empty() == is_allowed(side, octets), "the guard accepts what nodes send");
    for (const std::size_t piece : {1u, 5u, 32u, 40u})
      check(verdict(side, octets, piece) == whole, "the verdict does not depend on the pieces");
  }
  return 0;
}
