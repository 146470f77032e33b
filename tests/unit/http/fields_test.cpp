// Field names are compared without case.
#include "../../support/catch.hpp"

#include <sake/http/fields.hpp>

#include <cstddef>
#include <string>

TEST_CASE("names of any length are equal without case, and differ in any octet", "[http][fields]") {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string name =
        std::string("x-request-id-of-some-proxy-or-another-one").substr(0, size);
    std::string upper = name;
    for (char& c : upper)
      if (c >= 'a' && c <= 'z')
        c = static_cast<char>(c - 'a' + 'A');
    CAPTURE(name);
    CHECK(sake::http::iequals(name, upper));
    CHECK(sake::http::iequals(upper, name));
    CHECK_FALSE(sake::http::iequals(name, name + "x"));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = upper;
      other[at] = other[at] == 'Q' ? 'R' : 'Q';
      CHECK_FALSE(sake::http::iequals(name, other));
    }
  }
}

TEST_CASE("only letters have a case", "[http][fields]") {
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      const auto lower = [](int c) { return c >= 'A' && c <= 'Z' ? c + 0x20 : c; };
      for (const std::size_t size : {1, 4, 9}) {
        std::string one(size, 'a');
        std::string other(size, 'A');
        one.back() = static_cast<char>(a);
        other.back() = static_cast<char>(b);
        if (sake::http::iequals(one, other) != (lower(a) == lower(b))) {
          CAPTURE(a, b, size);
          FAIL("another result");
        }
      }
    }
  SUCCEED("all pairs of octets");
}
