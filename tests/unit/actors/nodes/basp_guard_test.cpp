#include "support/catch.hpp"

#include <sake/actors/nodes/basp/basp_guard.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace sake::actors::nodes;

namespace {

// A header of BASP for `size` octets of content.
std::string header(int operation, std::uint32_t size, int flags = 0) {
  std::string octets(basp_guard::header_size, '\0');
  octets[0] = static_cast<char>(operation);
  octets[3] = static_cast<char>(flags);
  for (std::size_t i = 0; i < 4; ++i)
    octets[4 + i] = static_cast<char>(size >> (24 - 8 * i) & 0xff);
  return octets;
}

std::string message(int operation, std::uint32_t size) {
  return header(operation, size) + std::string(size, 'x');
}

// The verdict of an accepting side that gets `octets` in pieces of `piece` octets.
std::string reason(std::string_view octets, std::size_t piece) {
  basp_guard guard{link_side::accepted};
  while (!octets.empty()) {
    const auto next = octets.substr(0, piece);
    if (!guard.accept(next))
      break;
    octets.remove_prefix(next.size());
  }
  return std::string{guard.reason()};
}

// The same however the octets are cut.
std::string reason(std::string_view octets) {
  const auto whole = reason(octets, octets.size());
  for (const std::size_t piece : {1u, 7u, 31u, 33u})
    REQUIRE(reason(octets, piece) == whole);
  return whole;
}

} // namespace

TEST_CASE("what nodes send each other over BASP is accepted", "[nodes]") {
  const auto all = message(1, 32) + header(1, 32, 2) + std::string(32, 'x') + message(2, 1)
                   + message(4, 100) + message(5, 65'536) + message(6, 0) + message(2, 1024 * 1024);
  CHECK(reason(all).empty());
}

TEST_CASE("the first message of BASP must be a handshake", "[nodes]") {
  for (const int operation : {2, 3, 4, 5, 6, 7, 255})
    CHECK(reason(message(operation, 8)) == "no BASP handshake first");
}

TEST_CASE("a second handshake of BASP is refused, unless it repeats the first", "[nodes]") {
  const auto first = message(1, 32);
  CHECK(reason(first + message(1, 32)) == "a second BASP handshake");
  CHECK(reason(first + header(1, 31, 2)) == "a second BASP handshake");
  CHECK(reason(header(1, 32, 2)) == "a BASP handshake with flags");
  const auto repeated = header(1, 32, 2) + std::string(32, 'x');
  CHECK(reason(first + repeated).empty());
  CHECK(reason(first + repeated + repeated) == "a second BASP handshake");
  const auto other = header(1, 32, 2) + std::string(31, 'x') + 'y';
  CHECK(reason(first + other) == "a second BASP handshake that differs from the first");
}

TEST_CASE("a side of BASP accepts only the handshake of the other side", "[nodes]") {
  CHECK(reason(message(0, 60)) == "no BASP handshake first");
  CHECK(reason(message(1, 60) + message(0, 60)) == "the BASP handshake of the other side");
  basp_guard dialled{link_side::dialled};
  CHECK(dialled.accept(message(0, 4096)));
  CHECK_FALSE(dialled.accept(message(1, 60)));
}

TEST_CASE("a forged length of BASP is refused with its header", "[nodes]") {
  const std::string forbidden = "a BASP message of a forbidden length";
  CHECK(reason(header(1, 0)) == forbidden);
  CHECK(reason(header(1, 65)) == forbidden);
  CHECK(reason(header(1, 0x7fffffff)) == forbidden);
  const auto greeting = message(1, 60);
  CHECK(reason(greeting + header(2, 0)) == forbidden);
  CHECK(reason(greeting + header(2, 1024 * 1024 + 1)) == forbidden);
  CHECK(reason(greeting + header(2, 0xffffffff)) == forbidden);
  CHECK(reason(greeting + header(4, 65'537)) == forbidden);
  CHECK(reason(greeting + header(5, 0)) == forbidden);
  CHECK(reason(greeting + header(6, 1)) == forbidden);
}

TEST_CASE("routed messages of BASP are refused", "[nodes]") {
  CHECK(reason(message(1, 60) + header(3, 8)) == "a BASP operation that nodes do not use");
}
