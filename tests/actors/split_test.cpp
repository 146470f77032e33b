// The output does not depend on how the input is split.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::test::get;
using sake::test::post;
using sake::test::shard_fixture;

namespace {

struct split_fixture : shard_fixture {
  split_fixture()
      : shard_fixture([] {
          sake::http::settings chosen;
          chosen.limits.buffered_content_bytes = 16; // small content is streamed as well
          chosen.limits.content_bytes = 40;
          return chosen;
        }()) {
    this->get("/", [](context& ctx) { ctx.string(200, "root"); });
    this->get("/wait", [](context& ctx) -> task<> {
      co_await ctx.sleep(std::chrono::milliseconds{1});
      ctx.string(200, "waited");
    });
    this->post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
  }

  // The output for `pieces`, sent one after the other.
  std::string converse(const std::vector<std::string>& pieces) {
    auto peer = connect();
    std::string got;
    for (const auto& piece : pieces)
      got += ask(peer, piece);
    advance(std::chrono::milliseconds{1});
    got += peer.take();
    got += peer.is_closed() ? "|closed" : peer.has_shut_down() ? "|lingers" : "|open";
    peer.reset();
    run();
    return got;
  }
};

const std::string chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "5\r\nchunk\r\n14;x=\"y\"\r\nof twenty octets  in\r\n0\r\nT: t\r\n\r\n";

} // namespace

TEST_CASE("input split anywhere gives the same output", "[actors][connection]") {
  split_fixture app;
  const std::string input = GENERATE(
      get("/") + get("/wait") + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/nowhere"),
      post("/echo", "small") + post("/echo", "more than sixteen octets") + chunked + get("/"),
      post("/echo", "content") + "\r\n" + get("/", "Connection: close\r\n"),
      get("/") + "BAD\r\n\r\n",
      get("/") + "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nchunkX",
      get("/") + post("/echo", std::string(41, 'x')).substr(0, 70),
      get("/wait")
          + "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            "20\r\n................................\r\n20\r\n");
  const auto whole = app.converse({input});
  CAPTURE(input, whole);
  CHECK(whole.size() > 100);

  std::vector<std::string> octets;
  for (const char octet : input)
    octets.emplace_back(1, octet);
  CHECK(app.converse(octets) == whole);

  for (std::size_t cut = 1; cut < input.size(); ++cut) {
    const auto got = app.converse({input.substr(0, cut), input.substr(cut)});
    if (got != whole)
      FAIL_CHECK("cut at " << cut << ": " << got);
  }
}

TEST_CASE("a transport that delivers little at a time gives the same output",
          "[actors][connection]") {
  split_fixture app;
  const std::string input = get("/") + chunked + get("/wait") + get("/");
  const auto whole = app.converse({input});
  for (const std::size_t size : {1, 2, 7, 100}) {
    auto peer = app.connect();
    peer.cut_reads(size);
    auto got = app.ask(peer, input);
    app.advance(std::chrono::milliseconds{1});
    got += peer.take();
    CHECK(got + "|open" == whole);
  }
}
