#include <sake/http/http1/date.hpp>

#include "../../../support/catch.hpp"

#include <ctime>
#include <limits>
#include <string>

using namespace sake::http;

namespace {

std::string line_of(std::time_t now) {
  date_clock clock;
  return std::string{clock.line(now)};
}

} // namespace

TEST_CASE("RFC 9110 §5.6.7: a date is an IMF-fixdate", "[http][date]") {
  CHECK(line_of(784'111'777) == "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  CHECK(line_of(0) == "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
  CHECK(line_of(951'782'399) == "Date: Mon, 28 Feb 2000 23:59:59 GMT\r\n");
  CHECK(line_of(951'782'400) == "Date: Tue, 29 Feb 2000 00:00:00 GMT\r\n");
  CHECK(line_of(1'735'689'599) == "Date: Tue, 31 Dec 2024 23:59:59 GMT\r\n");
  CHECK(line_of(4'107'542'399) == "Date: Sun, 28 Feb 2100 23:59:59 GMT\r\n");
  CHECK(line_of(4'107'542'400) == "Date: Mon, 01 Mar 2100 00:00:00 GMT\r\n");
}

TEST_CASE("a date agrees with the C library for every second", "[http][date]") {
  date_clock clock;
  for (std::time_t now = 1; now < 4'000'000'000; now += 40'000'003) {
    std::tm parts{};
    REQUIRE(gmtime_r(&now, &parts) != nullptr);
    char expected[64];
    std::strftime(expected, sizeof expected, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    REQUIRE(clock.line(now) == expected);
  }
}

TEST_CASE("a date follows the clock, forward and back", "[http][date]") {
  date_clock clock;
  CHECK(clock.line(784'111'777) == line_of(784'111'777));
  CHECK(clock.line(784'111'777) == line_of(784'111'777));
  CHECK(clock.line(784'111'778) == line_of(784'111'778));
  CHECK(clock.line(784'111'776) == line_of(784'111'776));
  CHECK(clock.line(0) == line_of(0));
}

TEST_CASE("a time outside the years 1970 to 9999 gives the nearest date", "[http][date]") {
  CHECK(line_of(-1) == line_of(0));
  CHECK(line_of(std::numeric_limits<std::time_t>::min()) == line_of(0));
  CHECK(line_of(253'402'300'799) == "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n");
  CHECK(line_of(std::numeric_limits<std::time_t>::max()) == line_of(253'402'300'799));
}
