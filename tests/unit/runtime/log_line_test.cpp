// Log lines as text and as JSON, and protection against text of exceptions.
#include "../../support/captured_log.hpp"
#include "../../support/catch.hpp"

#include <sake/routing/log.hpp>
#include <sake/runtime/log_line.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace sake;
using sake::test::captured_log;
using namespace std::chrono_literals;

namespace {

std::string with_value(std::string_view value) {
  const log_field fields[]{{"error", value}};
  return to_text({log_level::error, "failed", fields});
}

} // namespace

TEST_CASE("a line is a message, then facts", "[log]") {
  const captured_log captured;
  log(log_level::info, "order placed", {{"order", "a-17"}, {"items", 3}, {"paid", true}});
  CHECK(captured.lines() == std::vector<std::string>{"order placed; order=a-17 items=3 paid=yes"});
}

TEST_CASE("a value with spaces is quoted", "[log]") {
  CHECK(with_value("out of memory") == "failed; error=\"out of memory\"");
  CHECK(with_value("") == "failed; error=\"\"");
  CHECK(with_value("a=b") == "failed; error=\"a=b\"");
}

TEST_CASE("a value cannot end its line, its quotation or the mode of a terminal", "[log]") {
  CHECK(with_value("a\r\n2026 error forged") == R"(failed; error="a\r\n2026 error forged")");
  CHECK(with_value("a\" status=\"200") == R"(failed; error="a\" status=\"200")");
  CHECK(with_value("a\\\"") == R"(failed; error="a\\\"")");
  CHECK(with_value("\x1b[2J") == R"(failed; error="\x1b[2J")");
  CHECK(with_value("\xc2\x9b"
                   "2J")
        == R"(failed; error="\x9b2J")");
  CHECK(with_value(std::string_view{"\0\x7f", 2}) == R"(failed; error="\x00\x7f")");
}

TEST_CASE("octets that are not UTF-8 are replaced, UTF-8 is kept", "[log]") {
  CHECK(with_value("gr\xc3\xbc\xc3\x9f "
                   "dich")
        == "failed; error=\"gr\xc3\xbc\xc3\x9f dich\"");
  CHECK(with_value("a\xff") == "failed; error=\"a\xef\xbf\xbd\"");
}

TEST_CASE("a long value is cut, and the line says so", "[log]") {
  const auto line = with_value(std::string(5000, 'x') + ' ');
  CHECK(line.size() < 1100);
  CHECK(line.ends_with("x…\""));
  const auto exact = with_value(std::string(1023, 'x') + ' ');
  CHECK(exact.ends_with("x \""));
}

TEST_CASE("a message cannot end its line", "[log]") {
  const captured_log captured;
  log(log_level::info, "a\nb\x1b");
  CHECK(captured.lines().front() == R"(a\nb\x1b)");
}

TEST_CASE("lines below the level are omitted", "[log]") {
  const captured_log captured;
  log(log_level::debug, "debug");
  log(log_level::info, "info");
  set_log_level(log_level::error);
  log(log_level::warning, "warning");
  log(log_level::error, "error");
  set_log_level(log_level::off);
  log(log_level::error, "off");
  set_log_level(log_level::debug);
  log(log_level::debug, "debug again");
  CHECK(captured.lines() == std::vector<std::string>{"info", "error", "debug again"});
  set_log_level(log_level::info);
}

TEST_CASE("a line of the log begins with its time in UTC and its level", "[log]") {
  const log_field fields[]{{"status", 504}, {"route", "GET /a b"}, {"error", "a\n\"b\"\xff"}};
  const log_record record{log_level::warning, "request deadline passed", fields};
  const std::chrono::system_clock::time_point when{1'796'000'000'007ms};
  CHECK(make_log_line(record, log_format::text, when)
        == "2026-11-30T00:53:20.007Z warning request deadline passed; status=504 "
           "route=\"GET /a b\" error=\"a\\n\\\"b\\\"\xef\xbf\xbd\"\n");
  CHECK(make_log_line(record, log_format::json, when)
        == "{\"time\":\"2026-11-30T00:53:20.007Z\",\"level\":\"warning\","
           "\"message\":\"request deadline passed\",\"status\":504,\"route\":\"GET /a b\","
           "\"error\":\"a\\n\\\"b\\\"\xef\xbf\xbd\"}\n");
}
