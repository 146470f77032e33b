// Arbitrary octets: the decoder must not crash, must keep its limits, and must give the same
// requests however the input is split.
#include "../support/decode.hpp"
#include "check.hpp"
#include "tight_limits.hpp"

#include <sake/http/fields.hpp>
#include <sake/http/method.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

using namespace sake::http;
using sake::test::check;
using sake::test::tight_limits;

namespace {

void check_request(const sake::test::decoded_request& decoded, const limits& max) {
  const request& message = decoded.message;
  const bool is_1_1 = message.minor_version() == 1;
  int hosts = 0;
  for (std::size_t i = 0; i < message.field_count(); ++i) {
    const auto [name, value] = message.field_at(i);
    check(is_token(name), "a field name is a token");
    check(is_field_value(value), "a field value holds no control octet");
    hosts += iequals(name, "host") ? 1 : 0;
  }
  check(is_1_1 ? hosts == 1 : hosts <= 1, "Host stands once, in HTTP/1.0 perhaps not at all");
  check(is_token(message.method_token()), "a method is a token");
  check(to_method(message.method_token()) == message.method(), "the method is what its token says");
  check(message.method() == method::connect ? message.path().empty()
        : message.method() == method::options && message.target() == "*"
            ? message.path() == "*"
            : message.path().starts_with('/'),
        "a path starts with '/'");
  check(message.path().find_first_of("?#") == std::string_view::npos, "a path holds no query");
  check(!(decoded.is_chunked && message.has_header("content-length")), "there is one framing");
  check(!decoded.is_chunked || is_1_1, "chunked belongs to HTTP/1.1");

  // A Host that the parser added stands behind the head.
  check(message.data().head.size() <= max.request_line_bytes + max.field_section_bytes + 4,
        "a head keeps its limits");
  check(message.field_count() <= max.field_count + 1, "a head keeps its count of fields");
  check(message.content().size() <= max.content_bytes, "content keeps its limit");
  if (decoded.is_whole && !decoded.is_chunked)
    check(message.content().size() == decoded.content_length, "content has its length");
}

void check_input(std::string_view input, const limits& max, std::size_t first_size,
                 std::size_t piece_size) {
  const sake::test::decoded whole = sake::test::decode(input, max);
  for (const auto& each : whole.requests)
    check_request(each, max);
  if (whole.why != nullptr)
    check(whole.why->status >= 400 && whole.why->status <= 505, "a refusal has an error status");
  else
    check(whole.left <= max.request_line_bytes + max.chunk_line_bytes + max.field_section_bytes,
          "no more waits than the limits allow");

  const std::string expected = to_text(whole);
  check(to_text(sake::test::decode(input, max, first_size, input.size())) == expected,
        "input cut in two gives the same");
  check(to_text(sake::test::decode(input, max, first_size, piece_size)) == expected,
        "input in pieces gives the same");
  // The first head enters the cache and is found there from the second time on.
  head_cache cache;
  for (int i = 0; i < 2; ++i)
    check(to_text(sake::test::decode(input, max, first_size, input.size(), &cache)) == expected,
          "a cache of heads changes nothing");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 8192)
    return 0;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  // The seeds are plain messages, so the position of the split is derived from the octets.
  const std::size_t number = std::hash<std::string_view>{}(input);
  const std::size_t first_size = 1 + number % size;
  const std::size_t piece_size = 1 + number / size % 16;
  check_input(input, {}, first_size, piece_size);
  check_input(input, tight_limits(), first_size, piece_size);
  return 0;
}
