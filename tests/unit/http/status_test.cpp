#include <sake/http/status.hpp>

#include "../../support/catch.hpp"

#include <string>

using namespace sake::http;

TEST_CASE("a status line is version, status and reason", "[http][status]") {
  CHECK(status_line(200) == "HTTP/1.1 200 OK\r\n");
  CHECK(status_line(404) == "HTTP/1.1 404 Not Found\r\n");
  CHECK(status_line(429) == "HTTP/1.1 429 Too Many Requests\r\n");
  CHECK(status_line(431) == "HTTP/1.1 431 Request Header Fields Too Large\r\n");
  CHECK(status_line(511) == "HTTP/1.1 511 Network Authentication Required\r\n");
}

TEST_CASE("an unregistered status has an empty reason", "[http][status]") {
  CHECK(status_line(299) == "HTTP/1.1 299 \r\n");
  CHECK(status_line(599) == "HTTP/1.1 599 \r\n");
  CHECK(reason_phrase(299).empty());
}

TEST_CASE("an invalid status has the line of 500", "[http][status]") {
  const int status = GENERATE(-1, 0, 99, 600, 1000);
  CAPTURE(status);
  CHECK(status_line(status) == status_line(500));
  CHECK(reason_phrase(status).empty());
}

TEST_CASE("every line belongs to its status and ends in CRLF", "[http][status]") {
  for (int status = 100; status <= 599; ++status) {
    const std::string expected =
        "HTTP/1.1 " + std::to_string(status) + ' ' + std::string{reason_phrase(status)} + "\r\n";
    REQUIRE(status_line(status) == expected);
    REQUIRE(status_line(status).size() <= status_line_room);
  }
}
