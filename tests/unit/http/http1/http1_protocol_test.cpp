// HTTP/1.1 as a connection uses it, without socket or actor: which calls it makes, what it sends
// and when, and the effect of each deadline. The connection itself is tested in tests/actors.
#include "../../../support/catch.hpp"
#include "../../../support/peerless_connection.hpp"
#include "../../../support/wire.hpp"

#include <sake/http/http1/http1_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace sake::http;
using sake::test::get;
using sake::test::peerless_connection;
using sake::test::settings_with;
using namespace std::chrono_literals;

namespace {

const std::string upload = "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n";
// One that does not wait for earlier requests.
const std::string safe_upload = "GET /up HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n";

std::string text_on_wire(std::string_view content, std::string_view connection = {}) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
         + std::to_string(content.size()) + "\r\n" + std::string{connection} + "\r\n"
         + std::string{content};
}

} // namespace

TEST_CASE("responses are sent in the order of their requests, whichever is ready first",
          "[http][protocol]") {
  peerless_connection on;
  CHECK(on.protocol->receive(get("/a") + get("/b") + get("/c")).empty());
  CHECK(on.ids == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(on.protocol->has_unanswered());
  on.protocol->respond(3, response::text(200, "c"));
  on.protocol->respond(2, response::text(200, "b"));
  CHECK(on.sent().empty());
  CHECK(on.progress == 0);
  on.protocol->respond(1, response::text(200, "a"));
  CHECK(on.progress == 1);
  CHECK(on.protocol->has_ready());
  CHECK(on.sent() == text_on_wire("a") + text_on_wire("b") + text_on_wire("c"));
  CHECK(on.protocol->state().is_idle());
}

TEST_CASE("RFC 9112 §9.3.2: only requests with safe methods are handled at the same time",
          "[http][protocol]") {
  peerless_connection on;
  const auto unsafe = [](std::string_view method, std::string_view path) {
    return std::string{method}.append(" ").append(path).append(
        " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  };
  const auto answer = [&](std::uint64_t id) {
    on.protocol->respond(id, response::text(200, std::to_string(id)));
  };
  const auto* const method = GENERATE("PUT", "POST", "DELETE", "PATCH", "MOVE");
  SECTION("a request waits for an unsafe one before it") {
    std::string input = unsafe(method, "/a") + get("/b");
    const auto cut = GENERATE(range(0, 60));
    auto rest = std::string{on.protocol->receive(std::string_view{input}.substr(0, cut))};
    rest = on.protocol->receive(rest += std::string_view{input}.substr(cut));
    CHECK(on.ids.size() == 1);
    CHECK(rest == get("/b"));
    CHECK_FALSE(on.protocol->state().accepts_input());
    answer(1);
    CHECK(on.progress == 1);
    CHECK(on.protocol->state().accepts_input());
    CHECK(on.protocol->receive(rest).empty());
    CHECK(on.ids.size() == 2);
  }
  SECTION("an unsafe request waits for those before it") {
    const auto waiting = unsafe(method, "/c");
    CHECK(on.protocol->receive(get("/a") + get("/b") + waiting) == waiting);
    CHECK(on.ids.size() == 2);
    answer(2);
    CHECK_FALSE(on.protocol->state().accepts_input());
    answer(1);
    CHECK(on.protocol->receive(waiting).empty());
    CHECK(on.ids.size() == 3);
  }
  SECTION("safe requests behind one that has waited are handled at the same time") {
    const auto waiting = unsafe(method, "/b");
    CHECK(on.protocol->receive(get("/a") + waiting) == waiting);
    answer(1);
    (void)on.sent();
    CHECK(on.protocol->receive(waiting).empty());
    answer(2);
    (void)on.sent();
    CHECK(on.protocol->receive(get("/c") + get("/d")).empty());
    CHECK(on.ids.size() == 4);
  }
  SECTION("requests that are answered at once do not wait") {
    on.answers_at_once = true;
    CHECK(on.protocol->receive(get("/a") + unsafe(method, "/b") + unsafe(method, "/c") + get("/d"))
              .empty());
    CHECK(on.ids.size() == 4);
  }
}

TEST_CASE("a response without its request, or a second one, is dropped", "[http][protocol]") {
  peerless_connection on;
  on.protocol->respond(1, response::text(200, "before"));
  (void)on.protocol->receive(get("/"));
  on.protocol->respond(0, response::text(200, "never"));
  on.protocol->respond(2, response::text(200, "not yet"));
  on.protocol->respond(1, response::text(200, "first"));
  on.protocol->respond(1, response::text(200, "second"));
  CHECK(on.sent() == text_on_wire("first"));
  on.protocol->respond(1, response::text(200, "third"));
  CHECK(on.sent().empty());
}

TEST_CASE("a response given during receive() does not notify the connection", "[http][protocol]") {
  peerless_connection on;
  on.answers_at_once = true;
  CHECK(on.protocol->receive(get("/a") + get("/b")).empty());
  CHECK(on.progress == 0);
  CHECK(on.sent() == text_on_wire("/a") + text_on_wire("/b"));
}

TEST_CASE("at the limit of pipelined requests no input is taken until one is answered",
          "[http][protocol]") {
  peerless_connection on{settings_with([](settings& s) { s.limits.pipelined_requests = 2; })};
  const auto input = get("/a") + get("/b") + get("/c");
  auto rest = on.protocol->receive(input);
  CHECK(rest == get("/c"));
  CHECK_FALSE(on.protocol->accepts_input());
  CHECK(on.protocol->receive(rest) == rest);
  on.protocol->respond(1, response::text(200, "a"));
  CHECK(on.sent() == text_on_wire("a"));
  CHECK(on.protocol->accepts_input());
  CHECK(on.protocol->receive(rest).empty());
  CHECK(on.requests.back().path() == "/c");
}

TEST_CASE("content that arrives with its head is whole up to the limit, other content is streamed",
          "[http][protocol]") {
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  SECTION("whole content of exactly the limit stays in the request") {
    peerless_connection on{settings_with([](settings& s) { s.limits.buffered_content_bytes = 8; })};
    const std::string input =
        GENERATE_COPY(upload + "12345678", chunked + "8\r\n12345678\r\n0\r\n\r\n");
    CHECK(on.protocol->receive(input).empty());
    REQUIRE(on.requests.size() == 1);
    CHECK(on.requests[0].content() == "12345678");
    CHECK(on.requests[0].data().stream == nullptr);
  }
  SECTION("content one octet above the limit is streamed") {
    peerless_connection on{settings_with([](settings& s) { s.limits.buffered_content_bytes = 7; })};
    const std::string input =
        GENERATE_COPY(upload + "12345678", chunked + "8\r\n12345678\r\n0\r\n\r\n");
    (void)on.protocol->receive(input);
    REQUIRE(on.requests.size() == 1);
    CHECK(on.requests[0].content().empty());
    REQUIRE(on.requests[0].data().stream != nullptr);
    CHECK(on.requests[0].data().stream->take() == "12345678");
  }
  SECTION("content that arrives in part with its head is streamed") {
    peerless_connection on;
    CHECK(on.protocol->receive(upload + "12345").empty());
    REQUIRE(on.requests.size() == 1);
    CHECK(on.requests[0].content().empty());
    const auto stream = on.requests[0].data().stream;
    REQUIRE(stream != nullptr);
    CHECK(on.protocol->receive("678").empty());
    CHECK(stream->take() == "12345678");
    CHECK(stream->status() == content_stream::state::complete);
  }
  SECTION("a stream holds no more than the limit") {
    peerless_connection on{settings_with([](settings& s) { s.limits.buffered_content_bytes = 4; })};
    const auto rest = on.protocol->receive(upload + "12345");
    REQUIRE(on.requests.size() == 1);
    const auto stream = on.requests[0].data().stream;
    REQUIRE(stream != nullptr);
    CHECK_FALSE(on.protocol->accepts_input());
    CHECK(on.protocol->input_due() == time_point::max());
    CHECK(stream->take() == "12345");
    CHECK(on.progress == 1);
    CHECK(rest.empty());
    CHECK(on.protocol->accepts_input());
    (void)on.protocol->receive("678");
    CHECK(stream->take() == "678");
    CHECK(stream->status() == content_stream::state::complete);
  }
}

TEST_CASE("large content that is wanted whole is read where it stays", "[http][protocol]") {
  peerless_connection on;
  constexpr std::size_t size = 200'000;
  const auto head =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  CHECK(on.protocol->receive(head + "begin").empty());
  REQUIRE(on.requests.size() == 1);
  const auto stream = on.requests[0].data().stream;
  REQUIRE(stream != nullptr);
  // Nobody knows yet whether the handler wants pieces.
  CHECK_FALSE(on.protocol->state().awaits_content());
  CHECK(on.protocol->next_content().memory.empty());
  stream->want_whole();
  REQUIRE(on.protocol->state().awaits_content());
  std::string expected = "begin";
  SECTION("as much at a time as there is memory for, and a little more") {
    while (on.protocol->state().awaits_content()) {
      const std::size_t left = size - expected.size();
      CHECK(on.protocol->awaited_content() == left);
      const auto next = on.protocol->next_content();
      REQUIRE(next.size > 0);
      CHECK(next.size <= left);
      CHECK(next.memory.size() >= next.size);
      CHECK(next.memory.size() <= left + 4096);
      const std::size_t n = std::min<std::size_t>(next.size, 70'000);
      std::fill_n(next.memory.data(), n, static_cast<char>('a' + expected.size() % 26));
      expected.append(next.memory.data(), n);
      on.protocol->take_content(n);
    }
    CHECK(size - expected.size() < 16 * 1024);
    const std::string rest(size - expected.size(), 'r');
    expected += rest;
    CHECK(on.protocol->receive(rest).empty());
    CHECK(stream->status() == content_stream::state::complete);
    CHECK(stream->take() == expected);
    CHECK(on.protocol->receive(get("/next")).size() > 0); // POST is not safe
    on.protocol->respond(1, response::text(200, "done"));
    CHECK(on.sent().ends_with("done"));
    CHECK(on.protocol->receive(get("/next")).empty());
    CHECK(on.requests.size() == 2);
  }
  SECTION("the last octet may come there") {
    for (auto next = on.protocol->next_content(); !next.memory.empty();
         next = on.protocol->next_content())
      on.protocol->take_content(next.size);
    CHECK(stream->status() == content_stream::state::complete);
    CHECK_FALSE(on.protocol->state().awaits_content());
    CHECK(on.protocol->awaited_content() == 0);
  }
  SECTION("the rate of the octets moves the deadline") {
    const auto due = on.protocol->input_due();
    on.protocol->take_content(on.protocol->next_content().size);
    CHECK(on.protocol->input_due() > due + std::chrono::seconds{100});
  }
  SECTION("not after a refusal") {
    on.protocol->refuse({400, "no more"});
    CHECK(on.protocol->next_content().memory.empty());
    CHECK(on.protocol->awaited_content() == 0);
  }
}

TEST_CASE("chunked content goes through the decoder", "[http][protocol]") {
  peerless_connection on;
  CHECK(on.protocol
            ->receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "fffff\r\nabc")
            .empty());
  REQUIRE(on.requests.size() == 1);
  on.requests[0].data().stream->want_whole();
  CHECK_FALSE(on.protocol->state().awaits_content());
  CHECK(on.protocol->next_content().memory.empty());
}

TEST_CASE(
    "RFC 9110 §10.1.1: 100 Continue is sent once the content is read, after earlier responses",
    "[http][protocol]") {
  peerless_connection on;
  const std::string expects = "GET /up HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                              "Content-Length: 1\r\n\r\n";
  CHECK(on.protocol->receive(get("/a") + expects).empty());
  CHECK(on.sent().empty());
  on.protocol->respond(1, response::text(200, "a"));
  CHECK(on.sent() == text_on_wire("a"));
  CHECK(on.requests[1].data().stream->take().empty());
  CHECK(on.sent() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(on.sent().empty());
}

TEST_CASE("a refusal is answered after earlier requests, and no input is read after it",
          "[http][protocol]") {
  peerless_connection on;
  const auto input = get("/a") + "GET BAD\r\n\r\n" + get("/b");
  (void)on.protocol->receive(input);
  REQUIRE(on.refused != nullptr);
  CHECK(on.refused->status == 400);
  CHECK(on.protocol->how_to_end() == http1_protocol::ending::linger);
  CHECK_FALSE(on.protocol->accepts_input());
  CHECK(on.sent().empty());
  on.protocol->respond(1, response::text(200, "a"));
  const auto out = on.sent();
  CHECK(out.starts_with(text_on_wire("a") + "HTTP/1.1 400 Bad Request\r\n"));
  CHECK(out.find("Connection: close\r\n") != std::string::npos);
  CHECK(on.protocol->state().is_over());
  CHECK(on.requests.size() == 1);
}

TEST_CASE("RFC 9112 §9.6: the last response has Connection: close", "[http][protocol]") {
  const std::string close = "Connection: close\r\n";
  SECTION("the peer asked for it") {
    peerless_connection on;
    const auto last = "GET /a HTTP/1.1\r\nHost: a\r\n" + close + "\r\n";
    const auto input = last + get("/b");
    CHECK(on.protocol->receive(input) == get("/b"));
    on.protocol->respond(1, response::text(200, "a"));
    CHECK(on.sent() == text_on_wire("a", close));
    CHECK(on.protocol->state().is_over());
  }
  SECTION("the limit of requests is reached") {
    peerless_connection on{settings_with([](settings& s) { s.max_requests_per_connection = 2; })};
    on.answers_at_once = true;
    const auto input = get("/a") + get("/b") + get("/c");
    CHECK(on.protocol->receive(input) == get("/c"));
    CHECK(on.sent() == text_on_wire("/a") + text_on_wire("/b", close));
  }
  SECTION("the connection drains, after all pipelined requests") {
    peerless_connection on;
    (void)on.protocol->receive(get("/a") + get("/b"));
    on.protocol->drain();
    on.protocol->respond(1, response::text(200, "a"));
    CHECK(on.sent() == text_on_wire("a"));
    on.protocol->respond(2, response::text(200, "b"));
    CHECK(on.sent() == text_on_wire("b", close));
    CHECK(on.protocol->state().is_over());
  }
  SECTION("the response precedes the content") {
    peerless_connection on{settings_with([](settings& s) { s.limits.buffered_content_bytes = 4; })};
    const auto size = std::to_string(discarded_content_bytes + 2);
    (void)on.protocol->receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size
                               + "\r\n\r\n1");
    on.protocol->respond(1, response::text(200, "early"));
    CHECK(on.sent() == text_on_wire("early", close));
  }
  SECTION("the response precedes content small enough to be discarded: no close") {
    peerless_connection on;
    const auto size = std::to_string(discarded_content_bytes + 1);
    (void)on.protocol->receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size
                               + "\r\n\r\n1");
    on.protocol->respond(1, response::text(200, "early"));
    CHECK(on.sent() == text_on_wire("early"));
    const auto rest = std::string(discarded_content_bytes, 'x') + get("/b");
    CHECK(on.protocol->receive(rest).empty());
    CHECK(on.requests.back().path() == "/b");
  }
}

TEST_CASE("a half-closed client is answered, but for a request that is incomplete",
          "[http][protocol]") {
  peerless_connection on{settings_with([](settings& s) {
    s.limits.buffered_content_bytes = 4;
    s.half_closed_clients = true;
  })};
  SECTION("the only request is incomplete") {
    (void)on.protocol->receive(upload + "1");
    const auto stream = on.requests.at(0).data().stream;
    CHECK(on.protocol->finish_input() == protocol::after_input::nothing);
    CHECK(stream->status() == content_stream::state::failed);
  }
  SECTION("an earlier request is complete") {
    (void)on.protocol->receive(get("/a") + safe_upload + "1");
    const auto stream = on.requests.at(1).data().stream;
    CHECK(on.protocol->finish_input() == protocol::after_input::responses);
    CHECK(stream->status() == content_stream::state::failed);
    on.protocol->respond(2, response::text(200, "half"));
    CHECK_FALSE(on.protocol->state().is_over());
    on.protocol->respond(1, response::text(200, "a"));
    CHECK(on.sent() == text_on_wire("a", "Connection: close\r\n"));
    CHECK(on.protocol->state().is_over());
  }
  SECTION("an incomplete request has its response already") {
    (void)on.protocol->receive(get("/a") + safe_upload + "1");
    on.protocol->respond(2, response::text(200, "early"));
    CHECK(on.protocol->finish_input() == protocol::after_input::responses);
    on.protocol->respond(1, response::text(200, "a"));
    CHECK(on.sent() == text_on_wire("a") + text_on_wire("early", "Connection: close\r\n"));
    CHECK(on.protocol->state().is_over());
  }
}

TEST_CASE("a client that ends its input gets what is ready, unless half-closed ones are served",
          "[http][protocol]") {
  peerless_connection on;
  struct waiting final : response_observer {
    void cancel(int status) noexcept override { cancelled = status; }
    void on_room() noexcept override {}
    int cancelled = 0;
  };
  waiting second;
  waiting fourth;
  (void)on.protocol->receive(get("/a") + get("/b") + get("/c") + get("/d"));
  on.protocol->observe(2, &second);
  on.protocol->observe(4, &fourth);
  on.protocol->respond(1, response::text(200, "a"));
  on.protocol->respond(3, response::text(200, "c"));
  CHECK(on.protocol->finish_input() == protocol::after_input::responses);
  CHECK(second.cancelled == client_gone);
  CHECK(fourth.cancelled == client_gone);
  on.protocol->respond(2, response::text(200, "b"));
  CHECK(on.sent() == text_on_wire("a"));
  CHECK(on.protocol->state().is_over());
}

TEST_CASE("a connection may close in the middle of a request", "[http][protocol]") {
  peerless_connection on{settings_with([](settings& s) { s.limits.buffered_content_bytes = 4; })};
  on.leaves_at_once = true;
  const auto input = GENERATE(get("/a") + get("/b"), upload + "12345678" + get("/b"));
  (void)on.protocol->receive(input);
  CHECK(on.requests.size() == 1);
  on.protocol->respond(1, response::text(200, "a"));
  CHECK(on.sent().empty());
  CHECK_FALSE(on.protocol->accepts_input());
}

TEST_CASE("each deadline has its own result", "[http][protocol]") {
  peerless_connection on;
  const auto& deadlines = on.config.deadlines;
  SECTION("no octet since the connection opened: idle") {
    CHECK(on.protocol->input_due() == on.time + deadlines.head);
    CHECK(on.protocol->expire(on.protocol->input_due()) == http1_protocol::expiry::idle);
    CHECK(on.refused == nullptr);
  }
  SECTION("half a head: 408") {
    (void)on.protocol->receive("GET / HT");
    CHECK(on.protocol->input_due() == on.time + deadlines.head);
    CHECK(on.protocol->expire(on.protocol->input_due()) == http1_protocol::expiry::input);
    CHECK(on.sent().starts_with("HTTP/1.1 408 "));
  }
  SECTION("half of the content: 408") {
    (void)on.protocol->receive(upload + "1");
    CHECK(on.protocol->input_due() == on.time + deadlines.content);
    CHECK(on.protocol->expire(on.protocol->input_due()) == http1_protocol::expiry::input);
    CHECK(on.sent().starts_with("HTTP/1.1 408 "));
  }
  SECTION("no response: 504, and a later response is dropped") {
    (void)on.protocol->receive(get("/a"));
    CHECK(on.protocol->input_due() == time_point::max());
    CHECK(on.protocol->response_due() == on.time + deadlines.request);
    CHECK(on.protocol->expire(on.protocol->response_due()) == http1_protocol::expiry::response);
    CHECK(on.progress == 1);
    CHECK(on.sent().starts_with("HTTP/1.1 504 "));
    on.protocol->respond(1, response::text(200, "late"));
    CHECK(on.sent().empty());
    CHECK_FALSE(on.protocol->state().is_over());
  }
  SECTION("no response: the observer is cancelled and may answer before the 504") {
    struct worker final : sake::http::response_observer {
      void cancel(int status) noexcept override { told = status; }
      int told = 0;
    } by;
    const bool answers = GENERATE(false, true);
    (void)on.protocol->receive(get("/a"));
    on.protocol->observe(1, &by);
    const auto due = on.protocol->response_due();
    CHECK(on.protocol->expire(due) == http1_protocol::expiry::response);
    CHECK(by.told == 504);
    CHECK(on.sent().empty());
    CHECK(on.protocol->response_due() == due);
    if (answers)
      on.protocol->respond(1, response::text(504, "late"));
    else
      CHECK(on.protocol->expire(due) == http1_protocol::expiry::response);
    const auto sent = on.sent();
    CHECK(sent.starts_with("HTTP/1.1 504 "));
    CHECK(sent.ends_with(answers ? "late" : "Gateway Timeout\n"));
    CHECK(on.protocol->response_due() == time_point::max());
  }
  SECTION("at rest: idle") {
    on.answers_at_once = true;
    (void)on.protocol->receive(get("/a"));
    (void)on.sent();
    on.time += 1s;
    on.protocol->rest();
    CHECK(on.protocol->input_due() == on.time + deadlines.idle);
    CHECK(on.protocol->expire(on.protocol->input_due()) == http1_protocol::expiry::idle);
  }
}

TEST_CASE("a deadline of zero never passes", "[http][protocol]") {
  peerless_connection on{settings_with([](settings& s) {
    s.deadlines.head = s.deadlines.content = s.deadlines.idle = s.deadlines.request = 0ms;
  })};
  CHECK(on.protocol->input_due() == time_point::max());
  (void)on.protocol->receive(upload + "1");
  CHECK(on.protocol->input_due() == time_point::max());
  (void)on.protocol->receive("2345678");
  CHECK(on.protocol->response_due() == time_point::max());
}

TEST_CASE("RFC 9110 §9.3.2: a refused HEAD gets no content, whenever it is refused",
          "[http][protocol]") {
  settings chosen;
  chosen.limits.content_bytes = 16;
  chosen.limits.field_section_bytes = 64;
  const auto ends_with_head = [](const std::string& answer) {
    return answer.find("\r\n\r\n") + 4 == answer.size();
  };
  SECTION("a rule of HTTP refuses it") {
    const std::string fields =
        GENERATE(as<std::string>{}, "Host: a\r\nX\r\n\r\n", "Host: a\r\nContent-Length: 17\r\n\r\n",
                 "Host: a\r\nExpect: magic\r\n\r\n", "Host: a\nX: y\r\n\r\n",
                 "Host: a\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n\r\n");
    CAPTURE(fields);
    peerless_connection on{chosen};
    (void)on.protocol->receive("HEAD / HTTP/1.1\r\n" + fields);
    REQUIRE(on.refused != nullptr);
    CHECK(ends_with_head(on.sent()));
    peerless_connection other{chosen};
    (void)other.protocol->receive("GET / HTTP/1.1\r\n" + fields);
    CHECK_FALSE(ends_with_head(other.sent()));
  }
  SECTION("the deadline of its head or its content refuses it") {
    const std::string part = GENERATE(as<std::string>{}, "HEAD / HTTP/1.1\r\nHost: a\r\n",
                                      "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
    peerless_connection on{chosen};
    on.streams = GENERATE(false, true);
    (void)on.protocol->receive(part);
    on.time += 60s;
    (void)on.protocol->expire(on.time);
    const auto answer = on.sent();
    CHECK(answer.starts_with("HTTP/1.1 408 "));
    CHECK(ends_with_head(answer));
  }
}

TEST_CASE("responses are encoded up to 256 KiB at a time", "[http][protocol]") {
  constexpr std::size_t ahead = 256 * 1024;
  const auto head = text_on_wire(std::string(200'000, 'x')).size() - 200'000;
  // The first response leaves room for another, or is one octet too long for that.
  const bool has_room = GENERATE(true, false);
  peerless_connection on;
  (void)on.protocol->receive(get("/a") + get("/b"));
  on.protocol->respond(1, response::text(200, std::string(ahead - head - has_room, 'x')));
  on.protocol->respond(2, response::text(200, "b"));
  CHECK(on.sent().size() == (has_room ? ahead - 1 + text_on_wire("b").size() : ahead));
  CHECK(on.protocol->has_ready() != has_room);
}
