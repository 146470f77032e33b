#include <sake/http/http1/detail/octet_masks.hpp>

#include "../../../support/catch.hpp"

#include <sake/http/method.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace sake::http::detail;

std::vector<std::pair<std::string, head_classifier>> classifiers() {
  std::vector<std::pair<std::string, head_classifier>> all{{"portable", classify_portably},
                                                           {"chosen", choose_classifier()}};
#if defined(__x86_64__)
  all.emplace_back("SSE2", classify_with_sse2);
#endif
  return all;
}

// The masks of all blocks of `input`, and the size that the classifier returns.
struct classified {
  std::vector<octet_masks> masks;
  std::size_t size = 0;
};

classified classify(head_classifier how, std::string_view input) {
  const std::vector<char> copy(input.begin(), input.end()); // a sanitizer sees a read past its end
  classified made;
  made.masks.resize(input.size() / octet_masks::block + 1);
  made.size = how({copy.data(), copy.size()}, made.masks.data());
  return made;
}

// By the rules of RFC 9110, octet by octet.
octet_masks expected(std::string_view octets) {
  octet_masks made{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto bit = std::uint64_t{1} << i;
    const auto c = static_cast<unsigned char>(octets[i]);
    made.line_feeds |= c == '\n' ? bit : 0;
    made.controls |= (c < ' ' && c != '\t') || c == 0x7f ? bit : 0;
    made.non_token |= sake::http::is_token(octets.substr(i, 1)) ? 0 : bit;
  }
  return made;
}

} // namespace

TEST_CASE("every octet has its classes at every position", "[http][octet_masks]") {
  for (const auto& [name, how] : classifiers()) {
    CAPTURE(name);
    for (int octet = 0; octet < 256; ++octet)
      for (std::size_t at = 0; at < octet_masks::block; ++at) {
        std::string octets(octet_masks::block, 'a');
        octets[at] = static_cast<char>(octet);
        if (classify(how, octets).masks[0] != expected(octets)) {
          CAPTURE(octet, at);
          FAIL("another class");
        }
      }
    SUCCEED("all 256 octets");
  }
}

TEST_CASE("all blocks of a head are classified, with blanks behind it", "[http][octet_masks]") {
  std::string octets;
  for (std::size_t i = 0; i < 4 * octet_masks::block - 10; ++i)
    octets += static_cast<char>(i * 7);
  const std::string padded = octets + std::string(10, ' ');
  for (const auto& [name, how] : classifiers()) {
    CAPTURE(name);
    const auto found = classify(how, octets);
    REQUIRE(found.masks.size() == 4);
    for (std::size_t i = 0; i < 4; ++i)
      CHECK(
          found.masks[i]
          == expected(std::string_view{padded}.substr(i * octet_masks::block, octet_masks::block)));
  }
}

TEST_CASE("a head ends at its empty line, in whichever block that is", "[http][octet_masks]") {
  for (const auto& [name, how] : classifiers()) {
    CAPTURE(name);
    for (std::size_t n = 1; n < 200; ++n) {
      const std::string head = std::string(n, 'a') + "\r\nb: c\r\n\r\n";
      for (const auto* rest : {"", "\r\n\r\n", "\n", "\x01", "more"})
        CHECK(classify(how, head + rest).size == head.size());
      CHECK(classify(how, head.substr(0, head.size() - 1)).size == 0);
    }
  }
}

TEST_CASE("a head with a control octet beside its line ends has no size", "[http][octet_masks]") {
  for (const auto& [name, how] : classifiers()) {
    CAPTURE(name);
    const std::string head = std::string(100, 'a') + "\r\nb: " + std::string(100, 'c') + "\r\n\r\n";
    for (std::size_t at = 0; at < head.size(); ++at) {
      if (head[at] == '\r' || head[at] == '\n')
        continue;
      std::string other = head;
      for (const char octet : {'\r', '\n', '\0', '\x1f', '\x7f'}) {
        other[at] = octet;
        CAPTURE(at, static_cast<int>(octet));
        CHECK(classify(how, other).size == 0);
      }
      other[at] = '\t';
      CHECK(classify(how, other).size == head.size());
    }
  }
}
