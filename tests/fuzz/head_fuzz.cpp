// Arbitrary octets: whatever the fast path for heads reads, the strict layer reads as the same. It
// may leave any head to that layer.
#include "../support/strict_head.hpp"
#include "check.hpp"
#include "tight_limits.hpp"

#include <sake/http/http1/detail/octet_masks.hpp>
#include <sake/http/http1/detail/plain_head.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace sake::http;
using sake::test::check;
using sake::test::tight_limits;

namespace {

void check_head(std::string_view input, const limits& max) {
  detail::plain_head head{input};
  if (head.size() == 0)
    return;
  check(head.size() <= input.size(), "a head ends within the input");
  sake::test::taken_head plain;
  plain.size = head.size();
  if (!head.read(max, plain.message.data(), plain.content))
    return;
  const auto strict = sake::test::read_strictly(input, max);
  check(strict.has_value(), "the strict layer takes what the fast path takes");
  check(are_same(plain, *strict), "both read the same");
}

// A masked block for each 64 octets of the input.
using masks = std::vector<detail::octet_masks>;

std::size_t classify(detail::head_classifier how, std::string_view input, masks& to) {
  to.assign(input.size() / detail::octet_masks::block + 1, {});
  return how(input, to.data());
}

void check_classes(std::string_view input) {
  masks expected;
  const auto size = classify(detail::classify_portably, input, expected);
  masks found;
  check(classify(detail::choose_classifier(), input, found) == size && found == expected,
        "the classifier of this processor agrees with the portable one");
#if defined(__x86_64__)
  check(classify(detail::classify_with_sse2, input, found) == size && found == expected,
        "SSE2 agrees with the portable way");
#endif
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 20'000)
    return 0;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  check_head(input, {});
  check_head(input, tight_limits());
  check_classes(input);
  return 0;
}
