// The decoder's events, one by one, and its limits. The rules of RFC 9112 are in tests/conformance.
#include "../../../support/catch.hpp"
#include "../../../support/decode.hpp"

using namespace sake::http;
using sake::test::decode_every_way;
using event = decoder::event;

namespace {
const limits defaults;
} // namespace

TEST_CASE("a request without content is one event", "[http][decoder]") {
  decoder from{defaults};
  const std::string_view input = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n";
  CHECK(from.between_requests());
  const auto step = from.next(input);
  CHECK(step.what == event::head);
  CHECK(step.is_last);
  CHECK(step.consumed == input.size());
  CHECK_FALSE(from.has_content());
  CHECK_FALSE(from.is_chunked());
  CHECK(from.content_length() == 0);
  CHECK(from.between_requests());

  const request message = from.take_request();
  CHECK(message.method() == method::get);
  CHECK(message.method_token() == "GET");
  CHECK(message.target() == "/a?b");
  CHECK(message.path() == "/a");
  CHECK(message.query() == "b");
  CHECK(message.minor_version() == 1);
  CHECK(message.keep_alive());
  CHECK(message.header("host") == "x");
  CHECK(message.data().head == "GET /a?b HTTP/1.1\r\nHost: x\r\n");
  CHECK(message.peer().kind == peer::family::none);
}

TEST_CASE("an idle decoder reports no event", "[http][decoder]") {
  decoder from{defaults};
  CHECK(from.next("").what == event::need_more);
  CHECK(from.between_requests());
  SECTION("an empty line starts no request") {
    const auto step = from.next("\r\n");
    CHECK(step.what == event::need_more);
    CHECK(step.consumed == 2);
    CHECK(from.between_requests());
    CHECK(from.next("\r").consumed == 0);
    CHECK(from.between_requests());
  }
  SECTION("a first octet starts a request and stays in the input") {
    const auto step = from.next("G");
    CHECK(step.what == event::need_more);
    CHECK(step.consumed == 0);
    CHECK_FALSE(from.between_requests());
  }
}

TEST_CASE("empty lines and the head behind them are consumed together", "[http][decoder]") {
  decoder from{defaults};
  const std::string_view input = "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto step = from.next(input);
  CHECK(step.what == event::head);
  CHECK(step.consumed == input.size());
  CHECK(from.take_request().data().head == "GET / HTTP/1.1\r\nHost: x\r\n");
}

TEST_CASE("content of a known length is delivered as it arrives", "[http][decoder]") {
  decoder from{defaults};
  const std::string_view head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
  auto step = from.next(head);
  CHECK(step.what == event::head);
  CHECK_FALSE(step.is_last);
  CHECK(step.consumed == head.size());
  CHECK(from.has_content());
  CHECK(from.content_length() == 5);
  CHECK_FALSE(from.between_requests());
  CHECK(from.next("").what == event::need_more);

  const std::string_view first = "he";
  step = from.next(first);
  CHECK(step.what == event::content);
  CHECK_FALSE(step.is_last);
  CHECK(step.consumed == 2);
  CHECK(step.content.data() == first.data());
  CHECK(step.content.size() == 2);

  step = from.next("lloGET / HT");
  CHECK(step.what == event::content);
  CHECK(step.is_last);
  CHECK(step.consumed == 3);
  CHECK(step.content == "llo");
  CHECK(from.between_requests());
}

TEST_CASE("chunked content is delivered as it arrives, its end as an event of its own",
          "[http][decoder]") {
  decoder from{defaults};
  auto step = from.next("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  CHECK(step.what == event::head);
  CHECK_FALSE(step.is_last);
  CHECK(from.has_content());
  CHECK(from.is_chunked());
  CHECK(from.content_length() == std::nullopt);

  step = from.next("5\r\n");
  CHECK(step.what == event::need_more);
  CHECK(step.consumed == 3);
  step = from.next("hel");
  CHECK(step.what == event::content);
  CHECK(step.content == "hel");
  step = from.next("lo\r\n0\r\n\r\n");
  CHECK(step.what == event::content);
  CHECK(step.content == "lo");
  CHECK(step.consumed == 2);
  step = from.next("\r\n0\r\n");
  CHECK(step.what == event::need_more);
  CHECK(step.consumed == 0);
  CHECK_FALSE(from.between_requests());
  step = from.next("\r\n0\r\n\r\nG");
  CHECK(step.what == event::content);
  CHECK(step.content.empty());
  CHECK(step.is_last);
  CHECK(step.consumed == 7);
  CHECK(from.between_requests());
}

TEST_CASE("after a refusal a decoder reports only that refusal", "[http][decoder]") {
  decoder from{defaults};
  CHECK(from.next("GET / HTTP/1.1\r\n\r\n").what == event::refused);
  CHECK(&from.why() == &refusals::missing_host);
  CHECK(from.next("GET / HTTP/1.1\r\nHost: x\r\n\r\n").what == event::refused);
  CHECK(&from.why() == &refusals::missing_host);
  CHECK_FALSE(from.between_requests());
}

TEST_CASE("a request that was taken stays unchanged while the decoder goes on", "[http][decoder]") {
  decoder from{defaults};
  std::string input = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n";
  REQUIRE(from.next(input).what == event::head);
  const request first = from.take_request();
  input = "GET /2 HTTP/1.1\r\nHost: y\r\n\r\n";
  REQUIRE(from.next(input).what == event::head);
  const request second = from.take_request();
  input.assign(input.size(), 'x');
  CHECK(first.path() == "/1");
  CHECK(first.header("host") == "x");
  CHECK(second.path() == "/2");
  CHECK(second.header("host") == "y");
}

TEST_CASE("a request from the pool carries nothing of the one before", "[http][decoder]") {
  decoder from{defaults};
  {
    REQUIRE(from.next("POST /1?q HTTP/1.0\r\nHost: x\r\nA: b\r\nContent-Length: 1\r\n\r\n").what
            == event::head);
    request message = from.take_request();
    message.data().content = "secret";
    message.data().peer.kind = peer::family::ipv4;
    REQUIRE(from.next("s").is_last);
  }
  REQUIRE(from.next("GET / HTTP/1.1\r\nHost:\r\n\r\n").what == event::head);
  const request message = from.take_request();
  CHECK(message.content().empty());
  CHECK(message.query().empty());
  CHECK(message.field_count() == 1);
  CHECK(message.minor_version() == 1);
  CHECK(message.keep_alive());
  CHECK(message.peer().kind == peer::family::none);
}

// -- limits -------------------------------------------------------------------

TEST_CASE("a field section above its limit is refused with 431", "[http][decoder][limits]") {
  limits max;
  max.field_section_bytes = 64;
  const std::string request_line = "GET / HTTP/1.1\r\n";
  // `size` octets of field lines.
  const auto fields = [](std::size_t size) {
    return "Host: x\r\nA: " + std::string(size - 14, 'a') + "\r\n";
  };
  REQUIRE(fields(64).size() == 64);
  CHECK(decode_every_way(request_line + fields(64) + "\r\n", max).requests.size() == 1);
  CHECK(decode_every_way(request_line + fields(65) + "\r\n", max).why
        == &refusals::field_section_too_large);
  SECTION("the line that exceeds the limit has no end yet") {
    const std::string unended = "A: " + std::string(61, 'a');
    CHECK(decode_every_way(request_line + unended.substr(0, 63), max).why == nullptr);
    CHECK(decode_every_way(request_line + unended, max).why == &refusals::field_section_too_large);
  }
  SECTION("a line starts behind a section that is full") {
    CHECK(decode_every_way(request_line + fields(64), max).why == nullptr);
    CHECK(decode_every_way(request_line + fields(64) + "\r", max).why == nullptr);
    CHECK(decode_every_way(request_line + fields(64) + "B", max).why
          == &refusals::field_section_too_large);
  }
}

TEST_CASE("the limit of the field section does not count the request line",
          "[http][decoder][limits]") {
  limits max;
  max.request_line_bytes = 200;
  max.field_section_bytes = 9;
  CHECK(decode_every_way("GET /" + std::string(180, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", max)
            .requests.size()
        == 1);
}

TEST_CASE("more field lines than the limit are refused with 431", "[http][decoder][limits]") {
  limits max;
  max.field_count = 3;
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\nA:\r\nA:\r\n";
  CHECK(decode_every_way(head + "\r\n", max).requests.size() == 1);
  CHECK(decode_every_way(head + "A:\r\n\r\n", max).why == &refusals::too_many_fields);
  CHECK(decode_every_way(head + "A:\r\n", max).why == &refusals::too_many_fields);
}

TEST_CASE("the default limits accept a hundred fields in sixteen kibibytes",
          "[http][decoder][limits]") {
  std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 1; i < 100; ++i)
    head += "Field-" + std::to_string(i) + ": " + std::string(140, 'v') + "\r\n";
  const auto result = sake::test::decode(head + "\r\n");
  REQUIRE(result.why == nullptr);
  REQUIRE(result.requests.size() == 1);
  CHECK(result.requests[0].message.field_count() == 100);
  CHECK(result.requests[0].message.header("field-99") == std::string(140, 'v'));
}

TEST_CASE("limits above 32 bits act as no limit", "[http][decoder][limits]") {
  limits max;
  max.request_line_bytes = max.field_section_bytes = max.chunk_line_bytes = max.field_count =
      ~std::size_t{0};
  max.content_bytes = ~std::uint64_t{0};
  const auto result =
      decode_every_way("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "1\r\na\r\n0\r\n\r\n"
                       "POST / HTTP/1.1\r\nHost: x\r\n"
                       "Content-Length: 18446744073709551615\r\n\r\nabc",
                       max);
  REQUIRE(result.why == nullptr);
  REQUIRE(result.requests.size() == 2);
  CHECK(result.requests[0].message.content() == "a");
  CHECK(result.requests[1].message.content() == "abc");
}
