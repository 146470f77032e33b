// Streamed responses, and content that a handler reads as it arrives, at the level of the protocol:
// without socket or actor.
#include "../../../support/allocations.hpp"
#include "../../../support/catch.hpp"
#include "../../../support/peerless_connection.hpp"
#include "../../../support/wire.hpp"

#include <sake/http/http1/http1_protocol.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace sake::http;
using sake::test::get;
using sake::test::peerless_connection;
using sake::test::post;
using sake::test::settings_with;
using namespace std::chrono_literals;

namespace {

using ending = http1_protocol::ending;

struct writer final : response_observer {
  void cancel(int status) noexcept override { cancelled.push_back(status); }
  void on_room() noexcept override { ++room; }

  std::vector<int> cancelled;
  int room = 0;
};

struct pieces_fixture : peerless_connection {
  using peerless_connection::peerless_connection;

  void begin(std::uint64_t id, response head = {}) {
    protocol->begin_response(id, std::move(head), false, by);
  }
  void begin_with_length(std::uint64_t id, std::size_t length) {
    response head;
    head.data().fields = "Content-Length: " + std::to_string(length) + "\r\n";
    protocol->begin_response(id, std::move(head), true, by);
  }
  write_result write(std::uint64_t id, std::string_view octets) {
    return protocol->write(id, octets);
  }

  writer by;
};

const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string last_chunk = "0\r\n\r\n";
const std::string old_get = "GET / HTTP/1.0\r\n\r\n";
const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const std::string close_line = "Connection: close\r\n";

std::string head_of(std::string_view request) {
  return std::string{request.substr(0, request.find("\r\n\r\n") + 4)};
}

} // namespace

TEST_CASE("RFC 9112 §7.1: a streamed response is sent in chunks as they are written",
          "[http][pieces]") {
  pieces_fixture on;
  (void)on.protocol->receive(get("/"));
  CHECK_FALSE(on.protocol->has_ready());
  on.begin(1);
  CHECK(on.progress == 1);
  CHECK(on.protocol->has_ready());
  CHECK(on.sent() == chunked_head); // the head does not wait for content
  CHECK_FALSE(on.protocol->has_ready());
  CHECK(on.write(1, "ab") == write_result::ok);
  CHECK(on.write(1, "c") == write_result::ok);
  CHECK(on.sent() == "3\r\nabc\r\n"); // pending content is sent as one chunk
  CHECK(on.sent().empty());
  CHECK(on.write(1, "0123456789") == write_result::ok);
  on.protocol->end_response(1);
  CHECK(on.protocol->has_unanswered());
  CHECK(on.sent() == "a\r\n0123456789\r\n" + last_chunk);
  CHECK(on.protocol->state().is_idle());
  CHECK_FALSE(on.protocol->state().is_over());
  CHECK(on.by.cancelled.empty());
  // The connection persists.
  on.answers_at_once = true;
  (void)on.protocol->receive(get("/next"));
  CHECK(on.sent().ends_with("/next"));
}

TEST_CASE("head, content and end written at once are sent at once", "[http][pieces]") {
  pieces_fixture on;
  (void)on.protocol->receive(get("/"));
  on.begin(1);
  (void)on.write(1, "all");
  on.protocol->end_response(1);
  CHECK(on.sent() == chunked_head + "3\r\nall\r\n" + last_chunk);
}

TEST_CASE("RFC 9112 §7.1: writing no octets does not send a last chunk", "[http][pieces]") {
  pieces_fixture on;
  (void)on.protocol->receive(get("/"));
  on.begin(1);
  CHECK(on.write(1, {}) == write_result::ok);
  CHECK(on.sent() == chunked_head);
  CHECK(on.write(1, {}) == write_result::ok);
  CHECK_FALSE(on.protocol->has_ready());
  CHECK(on.sent().empty());
  on.protocol->end_response(1);
  CHECK(on.sent() == last_chunk);
}

TEST_CASE("RFC 9112 §6.3: content with a length is sent without chunks", "[http][pieces]") {
  pieces_fixture on;
  const bool old = GENERATE(false, true);
  const std::string alive = old ? "Connection: keep-alive\r\n" : "";
  (void)on.protocol->receive(old ? "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" : get("/"));
  on.begin_with_length(1, 6);
  CHECK(on.sent() == "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n" + alive + "\r\n");
  (void)on.write(1, "abc");
  CHECK(on.sent() == "abc");
  (void)on.write(1, "def");
  on.protocol->end_response(1);
  CHECK(on.sent() == "def");
  CHECK(on.protocol->state().is_idle());
}

TEST_CASE("RFC 9112 §6.3: for HTTP/1.0 the end of the connection ends the content",
          "[http][pieces]") {
  pieces_fixture on;
  (void)on.protocol->receive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  on.begin(1);
  CHECK(on.sent() == "HTTP/1.1 200 OK\r\n" + close_line + "\r\n");
  CHECK_FALSE(on.protocol->accepts_input());
  (void)on.write(1, "abc");
  CHECK(on.sent() == "abc");
  CHECK_FALSE(on.protocol->state().is_over());
  on.protocol->end_response(1);
  CHECK(on.sent().empty());
  CHECK(on.protocol->state().is_over());
  CHECK(on.protocol->how_to_end() != ending::reset);
}

TEST_CASE("RFC 9110 §9.3.2: HEAD gets the head that GET would get, and no content",
          "[http][pieces]") {
  pieces_fixture on;
  SECTION("the content would be chunked") {
    (void)on.protocol->receive("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next"));
    on.begin(1);
    CHECK(on.write(1, "abc") == write_result::closed);
    CHECK(on.sent() == chunked_head);
    CHECK(on.write(1, "abc") == write_result::closed);
    on.protocol->end_response(1);
  }
  SECTION("the content has a length") {
    (void)on.protocol->receive("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next"));
    on.begin_with_length(1, 6);
    CHECK(on.write(1, "abcdef") == write_result::closed);
    CHECK(on.sent() == "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
    on.protocol->end_response(1);
  }
  SECTION("the request is pipelined behind another") {
    (void)on.protocol->receive(get("/first") + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    on.begin(2);
    CHECK(on.write(2, "abc") == write_result::closed);
    on.protocol->end_response(2);
    on.protocol->respond(1, {});
    CHECK(on.sent() == whole + chunked_head);
    return;
  }
  CHECK(on.sent().empty());
  on.protocol->respond(2, {});
  CHECK(on.sent() == whole);
}

TEST_CASE("a streamed response waits for those before it and delays those behind it",
          "[http][pieces]") {
  pieces_fixture on;
  (void)on.protocol->receive(get("/a") + get("/b") + get("/c"));
  on.protocol->respond(3, {});
  on.begin(2);
  (void)on.write(2, "ab");
  CHECK(on.progress == 0);
  CHECK(on.sent().empty());
  CHECK(on.write(2, std::string(waiting_content_bytes, 'x')) == write_result::would_block);
  on.protocol->respond(1, {});
  const auto first = on.sent();
  CHECK(first.starts_with(whole + chunked_head + "10002\r\nabxx"));
  CHECK(on.by.room == 1);
  CHECK(on.sent().empty());
  on.protocol->end_response(2);
  CHECK(on.sent() == last_chunk + whole);
}

TEST_CASE("a writer must wait until its octets are encoded, and is then notified of room",
          "[http][pieces]") {
  pieces_fixture on;
  (void)on.protocol->receive(get("/"));
  on.begin(1);
  CHECK(on.write(1, std::string(waiting_content_bytes - 1, 'x')) == write_result::ok);
  CHECK(on.write(1, "x") == write_result::would_block);
  CHECK(on.write(1, {}) == write_result::would_block);
  CHECK(on.by.room == 0);

  // While the peer has not taken earlier output, the rest is not encoded.
  output unsent;
  unsent.append(std::string(waiting_content_bytes, 'y'));
  on.protocol->encode(unsent, {});
  CHECK(unsent.run().ends_with(chunked_head));
  CHECK(on.protocol->has_ready());
  CHECK(on.by.room == 0);
  unsent.consume(chunked_head.size() + 1);
  on.protocol->encode(unsent, {});
  CHECK(unsent.size() > 2 * waiting_content_bytes - 100);
  CHECK(on.by.room == 1);
  CHECK(on.write(1, {}) == write_result::ok);
}

TEST_CASE("a response that is cut short closes the connection without completing the content",
          "[http][pieces]") {
  pieces_fixture on;
  SECTION("chunked content ends without the last chunk") {
    (void)on.protocol->receive(get("/") + get("/behind"));
    on.begin(1);
    (void)on.write(1, "ab");
    CHECK(on.sent() == chunked_head + "2\r\nab\r\n");
    (void)on.write(1, "cd");
    on.protocol->cut_response(1, response{500});
    CHECK(on.sent() == "2\r\ncd\r\n");
    CHECK(on.protocol->state().is_over());
    CHECK(on.protocol->how_to_end() != ending::reset);
  }
  SECTION("content with a length ends short of it") {
    (void)on.protocol->receive(get("/"));
    on.begin_with_length(1, 5);
    (void)on.write(1, "ab");
    (void)on.sent();
    on.protocol->cut_response(1, response{500});
    CHECK(on.sent().empty());
    CHECK(on.protocol->state().is_over());
    CHECK(on.protocol->how_to_end() != ending::reset);
  }
  SECTION("HTTP/1.0 content ends by a reset, because an orderly close would look complete") {
    (void)on.protocol->receive(old_get);
    on.begin(1);
    (void)on.sent();
    on.protocol->cut_response(1, response{500});
    CHECK(on.sent().empty());
    CHECK(on.protocol->state().is_over());
    CHECK(on.protocol->how_to_end() == ending::reset);
  }
  SECTION("if its head has not been sent, another response replaces it") {
    (void)on.protocol->receive(get("/"));
    on.begin(1);
    (void)on.write(1, "ab");
    on.protocol->cut_response(1, response{500});
    CHECK(on.sent() == "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
    CHECK_FALSE(on.protocol->state().is_over());
  }
  CHECK(on.by.cancelled.empty()); // the writer itself cut the response
  CHECK(on.write(1, "more") == write_result::closed);
}

TEST_CASE("the deadline of a request ends when its response begins", "[http][pieces]") {
  pieces_fixture on;
  (void)on.protocol->receive(get("/"));
  CHECK(on.protocol->response_due() == on.time + on.config.deadlines.request);
  on.begin(1);
  CHECK(on.protocol->response_due() == time_point::max());
  CHECK(on.protocol->input_due() == time_point::max());
}

TEST_CASE("a streamed response that begins too early, too late or twice is dropped",
          "[http][pieces]") {
  pieces_fixture on;
  on.begin(1); // before there is a request
  (void)on.protocol->receive(get("/"));
  (void)on.protocol->expire(on.protocol->response_due());
  on.begin(1);
  CHECK(on.write(1, "a") == write_result::closed);
  on.protocol->end_response(1);
  on.protocol->cut_response(1, {});
  CHECK(on.sent().starts_with("HTTP/1.1 504 "));
  (void)on.protocol->receive(get("/"));
  on.begin(2);
  on.protocol->respond(2, response{404});
  on.begin(2, response{404});
  on.protocol->end_response(2);
  CHECK(on.sent() == chunked_head + last_chunk);
}

TEST_CASE("a writer is cancelled when its response can no longer be sent", "[http][pieces]") {
  pieces_fixture on;
  SECTION("the client has left") {
    (void)on.protocol->receive(get("/"));
    on.begin(1);
    (void)on.sent();
    on.protocol->abandon();
    CHECK(on.protocol->how_to_end() != ending::reset);
  }
  SECTION("the client has left an HTTP/1.0 response, which needs a reset") {
    (void)on.protocol->receive(old_get);
    on.begin(1);
    (void)on.sent();
    on.protocol->abandon();
    CHECK(on.protocol->how_to_end() == ending::reset);
  }
  SECTION("the connection is closed") {
    (void)on.protocol->receive(get("/"));
    on.begin(1);
    on.protocol->abandon();
  }
  SECTION("an earlier response closes the connection") {
    (void)on.protocol->receive(get("/") + get("/"));
    on.protocol->observe(1, nullptr);
    on.protocol->begin_response(2, {}, false, on.by);
    on.protocol->respond(1, response{response{}.set_header("Connection", "close")});
    (void)on.sent();
    CHECK(on.write(2, "x") == write_result::closed);
  }
  CHECK(on.by.cancelled == std::vector<int>{499});
  CHECK(on.write(1, "x") == write_result::closed);
}

TEST_CASE("RFC 9112 §9.6: the last streamed response says that it is the last", "[http][pieces]") {
  const std::string last_head =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + close_line + "\r\n";
  pieces_fixture on;
  SECTION("the peer asked for it") {
    (void)on.protocol->receive(get("/", close_line));
    on.begin(1);
  }
  SECTION("the connection drains") {
    (void)on.protocol->receive(get("/"));
    on.protocol->drain();
    on.begin(1);
  }
  CHECK(on.sent() == last_head);
  CHECK_FALSE(on.protocol->state().is_over());
  on.protocol->end_response(1);
  CHECK(on.sent() == last_chunk);
  CHECK(on.protocol->state().is_over());
}

// -- content that the handler reads as it arrives -------------------------------------

TEST_CASE("a handler that streams its content is called at the end of the head", "[http][pieces]") {
  pieces_fixture on;
  on.streams = true;
  SECTION("the content has a length") {
    const auto request = post("/up", "abc");
    (void)on.protocol->receive(head_of(request));
    REQUIRE(on.requests.size() == 1);
    const auto stream = on.requests[0].data().stream;
    REQUIRE(stream != nullptr);
    CHECK(stream->take().empty());
    (void)on.protocol->receive("ab");
    CHECK(stream->take() == "ab");
    (void)on.protocol->receive("c");
    CHECK(stream->take() == "c");
    CHECK(stream->status() == content_stream::state::complete);
  }
  SECTION("the content is chunked") {
    (void)on.protocol->receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    REQUIRE(on.requests.size() == 1);
    const auto stream = on.requests[0].data().stream;
    const std::string rest{on.protocol->receive("2\r\nab\r\n")};
    CHECK(stream->take() == "ab");
    (void)on.protocol->receive(rest + "0\r\n\r\n");
    CHECK(stream->status() == content_stream::state::complete);
  }
  SECTION("the content is empty") {
    (void)on.protocol->receive(post("/", ""));
    REQUIRE(on.requests.size() == 1);
    CHECK(on.requests[0].data().stream == nullptr);
  }
}

TEST_CASE("RFC 9110 §10.1.1: 100 Continue waits for the first read of a stream", "[http][pieces]") {
  pieces_fixture on;
  on.streams = true;
  const auto& deadlines = on.config.deadlines;
  const auto request = post("/up", "abc", "Expect: 100-continue\r\n");
  (void)on.protocol->receive(head_of(request));
  const auto stream = on.requests.at(0).data().stream;
  CHECK(on.sent().empty());
  // The client waits for the handler, so its content deadline does not run.
  CHECK(on.protocol->input_due() == time_point::max());
  CHECK(on.protocol->response_due() == on.time + deadlines.request);
  on.time += 20s;
  SECTION("the handler reads") {
    CHECK(stream->take().empty());
    CHECK(on.progress == 1);
    CHECK(on.sent() == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(on.protocol->input_due() == on.time + deadlines.content);
    CHECK(on.protocol->response_due() == time_point::max());
    CHECK(stream->take().empty());
    CHECK(on.sent().empty());
  }
  SECTION("the client has sent content without waiting") {
    (void)on.protocol->receive("a");
    CHECK(stream->take() == "a");
    CHECK(on.sent().empty());
  }
  SECTION("the response has begun") {
    on.begin(1);
    (void)on.sent();
    CHECK(stream->take().empty());
    CHECK(on.sent().empty());
  }
}

TEST_CASE("a response that begins before the content is complete ends the connection",
          "[http][pieces]") {
  pieces_fixture on;
  on.streams = true;
  (void)on.protocol->receive(head_of(post("/up", "abc")));
  const auto stream = on.requests.at(0).data().stream;
  on.begin(1);
  CHECK(on.sent() == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + close_line + "\r\n");
  CHECK(on.protocol->accepts_input());
  CHECK(on.protocol->receive("ab").empty());
  CHECK(stream->take() == "ab");
  (void)on.write(1, "ab");
  CHECK(on.sent() == "2\r\nab\r\n");
  SECTION("content and response are complete") {
    CHECK(on.protocol->receive("c" + get("/next")) == get("/next"));
    CHECK(stream->status() == content_stream::state::open);
    CHECK(stream->take() == "c");
    CHECK(stream->status() == content_stream::state::complete);
    CHECK_FALSE(on.protocol->state().is_over());
    on.protocol->end_response(1);
    CHECK(on.sent() == last_chunk);
    CHECK(on.protocol->how_to_end() != ending::linger);
  }
  SECTION("the response is complete") {
    on.protocol->end_response(1);
    CHECK(on.sent() == last_chunk);
    CHECK(on.protocol->how_to_end() == ending::linger);
  }
  SECTION("the content has failed") {
    (void)on.protocol->expire(on.protocol->input_due());
    CHECK(on.refused->status == 408);
    CHECK(on.by.cancelled == std::vector<int>{408});
    CHECK(stream->status() == content_stream::state::failed);
    CHECK(on.sent().empty()); // no last chunk
  }
  CHECK(on.protocol->state().is_over());
}

TEST_CASE("content that fails before the head of the response is sent is refused",
          "[http][pieces]") {
  pieces_fixture on{settings_with([](settings& s) { s.limits.buffered_content_bytes = 4; })};
  (void)on.protocol->receive(
      get("/first") + "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde");
  REQUIRE(on.requests.size() == 2);
  CHECK(on.requests[1].data().stream->take() == "abcde");
  on.begin(2);
  (void)on.protocol->receive("broken");
  CHECK(on.by.cancelled == std::vector<int>{400});
  on.protocol->respond(1, {});
  CHECK(on.sent().starts_with(whole + "HTTP/1.1 400 Bad Request\r\n"));
  CHECK(on.protocol->state().is_over());
}

TEST_CASE("a request with streamed content may be split anywhere", "[http][pieces]") {
  const auto input = post("/up", "abcdef", "Expect: 100-continue\r\n") + get("/next");
  for (std::size_t cut = 1; cut < input.size(); ++cut) {
    CAPTURE(cut);
    pieces_fixture on;
    on.streams = true;
    std::string taken;
    std::string pending;
    for (const auto& part : {input.substr(0, cut), input.substr(cut)}) {
      pending += part;
      pending = on.protocol->receive(pending);
      if (!on.requests.empty())
        if (const auto stream = on.requests[0].data().stream)
          taken += stream->take();
    }
    CHECK(taken == "abcdef");
    on.protocol->respond(1, response::text(200, "done"));
    CHECK(on.protocol->receive(pending).empty());
    REQUIRE(on.requests.size() == 2);
    CHECK(on.requests[1].path() == "/next");
  }
}

TEST_CASE("the memory of a large piece is released once it is encoded", "[http][pieces]") {
  pieces_fixture on;
  (void)on.protocol->receive(get("/"));
  on.begin(1);
  (void)on.sent();
  const std::string piece(1000, 'x');
  const auto allocations_of_a_piece = [&] {
    const auto before = sake::test::allocation_count();
    (void)on.protocol->write(1, piece);
    return sake::test::allocation_count() - before;
  };
  (void)allocations_of_a_piece();
  (void)on.sent();
  CHECK(allocations_of_a_piece() == 0); // the memory of a small piece is used again
  (void)on.sent();
  (void)on.protocol->write(1, std::string(50'000, 'x'));
  (void)on.sent();
  CHECK(allocations_of_a_piece() == 1);
}
