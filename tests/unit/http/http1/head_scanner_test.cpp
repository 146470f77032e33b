#include <sake/http/http1/head_scanner.hpp>

#include "../../../support/catch.hpp"

#include <string>

using namespace sake::http;

namespace {
const limits defaults;
} // namespace

TEST_CASE("a scanner reports the sizes of the head and its parts", "[http][head_scanner]") {
  head_scanner scanner;
  CHECK(scanner.is_at_start());
  const auto found = scanner.scan("\r\nGET / HTTP/1.1\r\nA: b\r\n\r\nrest", defaults);
  CHECK(found.why == nullptr);
  CHECK(found.skipped == 2);
  CHECK(found.size == 24);
  CHECK(scanner.request_line_size() == 16);
}

TEST_CASE("a head without fields is found", "[http][head_scanner]") {
  head_scanner scanner;
  const auto found = scanner.scan("GET / HTTP/1.1\r\n\r\n", defaults);
  CHECK(found.why == nullptr);
  CHECK(found.size == 18);
}

TEST_CASE("a scanner resumes where it stopped", "[http][head_scanner]") {
  // The octets already scanned are replaced: a scanner that read them again would refuse them.
  head_scanner scanner;
  std::string input = "GET / HTTP/1.1\r\nA: bbbbbbbbbbbb";
  CHECK(scanner.scan(input, defaults).size == 0);
  CHECK_FALSE(scanner.is_at_start());
  input.replace(0, 16, 16, '\n');
  input.replace(20, 6, 6, '\n');
  const auto found = scanner.scan(input + "\r\n\r\n", defaults);
  CHECK(found.why == nullptr);
  CHECK(found.size == input.size() + 4);
}

TEST_CASE("skipped empty lines are not counted again in the next input", "[http][head_scanner]") {
  head_scanner scanner;
  CHECK(scanner.scan("\r\n\r", defaults).skipped == 2);
  CHECK(scanner.is_at_start());
  const auto found = scanner.scan("\r\nA / B\r\n\r\n", defaults);
  CHECK(found.skipped == 2);
  CHECK(found.size == 9);
}

TEST_CASE("a field section alone is found like that of a head", "[http][head_scanner]") {
  field_section_scanner scanner;
  CHECK(scanner.scan("A: b\r\n", defaults).size == 0);
  CHECK(scanner.scan("A: b\r\n\r", defaults).size == 0);
  CHECK(scanner.scan("A: b\r\n\r\nrest", defaults).size == 8);
  CHECK(field_section_scanner{}.scan("\r\nrest", defaults).size == 2);
  CHECK(field_section_scanner{}.scan("", defaults).size == 0);
}
