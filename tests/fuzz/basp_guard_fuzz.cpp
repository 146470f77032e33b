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

// Reads whole messages in the plainest way.
bool is_allowed(link_side side, std::string_view octets) {
  std::string_view greeting;
  for (int count = 0; octets.size() >= basp_guard::header_size; ++count) {
    const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(octets[i]); };
    const std::size_t size = std::size_t{octet(4)} << 24 | std::size_t{octet(5)} << 16
                             | std::size_t{octet(6)} << 8 | octet(7);
    const int operation = octet(0);
    const int flags = octet(3);
    const auto content = octets.substr(basp_guard::header_size, size);
    octets.remove_prefix(basp_guard::header_size + content.size());
    const bool has_content = size > 0;
    if (side == link_side::dialled && operation == 0) {
      if (count > 0 || !has_content || size > 4096)
        return false;
    } else if (side == link_side::accepted && operation == 1) {
      const bool is_first = greeting.empty() && count == 0;
      if (is_first && (flags != 0 || !has_content || size > 64))
        return false;
      if (!is_first
          && (flags != 2 || greeting.empty() || size != greeting.size()
              || !greeting.starts_with(content)))
        return false;
      greeting = is_first ? content : std::string_view{};
    } else {
      const std::size_t most = operation == 2 ? 1024 * 1024 : 65'536;
      const bool is_message = operation == 2 || operation == 4 || operation == 5;
      const bool fits = is_message ? has_content && size <= most : operation == 6 && size == 0;
      if (count == 0 || !fits)
        return false;
    }
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
