#include <sake/http/detail/target.hpp>

#include "../../support/catch.hpp"

using sake::http::detail::is_authority;

TEST_CASE("an authority is a host and an optional port", "[http][target]") {
  const auto* text = GENERATE("a", "a:", "a:0", "a:80", "a.b-c_d~e", "%41", "a%2fb:8", "[::]",
                              "[::1]:", "[1:2:3:4:5:6:7:8]:80", "[::ffff:1.2.3.4]", "[v1.x]",
                              "[VF.a:b]:1", "a:99999999999999999999");
  CAPTURE(text);
  CHECK(is_authority(text));
}

TEST_CASE("other text is not an authority", "[http][target]") {
  const std::string_view text = GENERATE(
      as<std::string_view>{}, "", ":", ":80", "a:b", "a::", "a:80:", "a b", " a", "a ", "%", "%4",
      "a%4", "%4g", "%:80", "[", "]", "[]", "[]:80", "[::", "[::]x", "[::]80", "[::1", "[::1]:8x",
      "[::g]", "[::1 ]", "[v1.]", "[v.x]", "[vx.x]", "[v1.%41]", "::", "a@b", "a/b", "\x80",
      std::string_view("a\0b", 3), std::string_view("[::1\0]", 6));
  CAPTURE(text);
  CHECK_FALSE(is_authority(text));
}
