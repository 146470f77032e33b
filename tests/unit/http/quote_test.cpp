// Foreign text in messages of the library.
#include "../../support/catch.hpp"

#include <sake/http/quote.hpp>

#include <string>
#include <string_view>

using sake::http::on_one_line;
using sake::http::quote;

TEST_CASE("printable ASCII is quoted unchanged", "[http][quote]") {
  CHECK(quote("") == R"("")");
  CHECK(quote("GET /users/:id?a='b'") == R"("GET /users/:id?a='b'")");
}

TEST_CASE("a std::string is quoted as its view is", "[http][quote]") {
  CHECK(quote(std::string{"a\"b"}) == R"("a\x22b")");
}

TEST_CASE("octets that would end the text, the line or a terminal's mode are escaped",
          "[http][quote]") {
  CHECK(quote("\"\\") == R"("\x22\x5C")");
  CHECK(quote("a\r\nb\x1B[31m\x7F") == R"("a\x0D\x0Ab\x1B[31m\x7F")");
  CHECK(quote(std::string_view{"\0", 1}) == R"("\x00")");
  CHECK(quote("caf\xC3\xA9") == R"("caf\xC3\xA9")");
}

TEST_CASE("text above the limit is cut, text of exactly the limit is whole", "[http][quote]") {
  CHECK(quote("abc", 3) == R"("abc")");
  CHECK(quote("abcd", 3) == R"("abc"…)");
  CHECK(quote("\n\n", 1) == R"("\x0A"…)");
}

TEST_CASE("a message with foreign text stays on one line", "[http][quote]") {
  CHECK(on_one_line("a \"b\" \\ caf\xC3\xA9") == "a \"b\" \\ caf\xC3\xA9");
  CHECK(on_one_line("a\r\nb\t\x1B[31m\x7F") == R"(a\x0D\x0Ab\x09\x1B[31m\x7F)");
}
