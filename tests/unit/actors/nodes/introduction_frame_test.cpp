#include "support/catch.hpp"

#include <sake/actors/nodes/basp/introduction_frame.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace sake::actors::nodes;

namespace {

// Feeds pieces of at most `piece` octets, never more than wanted. Returns what is left.
std::string_view feed(introduction_reader& reader, std::string_view octets, std::size_t piece) {
  while (reader.wanted() > 0 && !octets.empty()) {
    const auto n = std::min({piece, reader.wanted(), octets.size()});
    REQUIRE(reader.take(octets.substr(0, n)));
    octets.remove_prefix(n);
  }
  return octets;
}

bool is_refused(std::string_view octets) {
  introduction_reader reader;
  return !reader.take(octets.substr(0, reader.wanted()));
}

} // namespace

TEST_CASE("an introduction is read as it was written, and not an octet more", "[nodes]") {
  for (const std::string& content : {std::string{}, std::string{"me"}, std::string(65'536, 'i')}) {
    const auto octets = encode_introduction(introduction_kind::introduction, content) + "BASP";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{13}, octets.size()}) {
      introduction_reader reader;
      CHECK(feed(reader, octets, piece) == "BASP");
      CHECK(reader.wanted() == 0);
      CHECK(reader.kind() == introduction_kind::introduction);
      CHECK(reader.content() == content);
    }
  }
}

TEST_CASE("a refusal carries its reason", "[nodes]") {
  introduction_reader reader;
  feed(reader, encode_introduction(introduction_kind::refusal, "full"), 5);
  CHECK(reader.kind() == introduction_kind::refusal);
  CHECK(reader.content() == "full");
}

TEST_CASE("what is not an introduction is refused by its first octets", "[nodes]") {
  using namespace std::string_literals;
  CHECK(is_refused("G"));
  CHECK(is_refused("GET / HTTP/1.1\r\n"));
  CHECK(is_refused("SAKENODX"));
  CHECK(is_refused("SAKENODE\0\0\0\0\0"s));
  CHECK(is_refused("SAKENODE\3\0\0\0\0"s));
  CHECK(is_refused("SAKENODE\1\0\1\0\1"s));
  CHECK(is_refused("SAKENODE\1\xff\xff\xff\xff"s));
  CHECK_FALSE(is_refused("SAKE"));
}

TEST_CASE("an introduction that is too long is not written", "[nodes]") {
  CHECK_THROWS_AS(
      encode_introduction(introduction_kind::introduction, std::string(max_introduction + 1, 'i')),
      std::length_error);
}
