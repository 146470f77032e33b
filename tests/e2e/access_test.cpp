// An access observer against what a client over a real socket got.
#include "../support/access_recorder.hpp"
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

// One list for each reactor, read once the server has ended.
using told_by_reactor = std::array<std::vector<told_response>, 2>;

std::vector<told_response> all_of(const told_by_reactor& told) {
  auto all = told[0];
  all.insert(all.end(), told[1].begin(), told[1].end());
  return all;
}

struct access_server : server {
  explicit access_server(told_by_reactor& told, config options = test_config())
      : server(std::move(options)) {
    app.observe_access([&told](std::size_t reactor) {
      return std::make_unique<access_recorder>(told.at(reactor));
    });
    app.get("/", [](context& ctx) { ctx.string(200, "root"); });
    app.get("/large", [](context& ctx) { ctx.string(200, std::string(8'000'000, 'x')); });
    app.get("/work", [](context& ctx) { ctx.string(200, "done"); }).worker();
    app.post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
    app.get("/pieces", [](context& ctx) -> task<> {
      auto out = ctx.stream(200, "text/plain");
      for (int i = 0; i < 100; ++i)
        co_await out.write(std::string(10'000, 'x'));
    });
    app.get("/broken", [](context& ctx) -> task<> {
      auto out = ctx.stream(200, "text/plain");
      co_await out.write("some");
      co_await ctx.sleep(10ms); // so that it goes out
      throw std::runtime_error("no more");
    });
    start();
  }

  void end() {
    app.shutdown();
    app.wait();
  }
};

// The octets of all responses to `requests`, of which the last closes the connection.
std::size_t octets_of(const access_server& own, std::string_view requests) {
  auto peer = own.connect();
  peer.send(requests);
  return peer.read_to_end().size();
}

} // namespace

TEST_CASE("an observer is told of as many octets as clients get", "[e2e][access]") {
  told_by_reactor told;
  std::size_t got = 0;
  {
    access_server own{told};
    const std::string close = "Connection: close\r\n";
    got += octets_of(own, get("/") + get("/nowhere") + get("/work") + get("/", close));
    got += octets_of(own, get("/large") + get("/pieces", close));
    got += octets_of(own, to_send("POST", "/echo", close, std::string(100'000, 'y')));
    got += octets_of(own, to_send("HEAD", "/", close));
    got += octets_of(own, "nonsense\r\n\r\n");
    own.end();
  }
  const auto all = all_of(told);
  std::map<std::string, int> lines;
  std::size_t sent = 0;
  for (const auto& each : all) {
    ++lines[each.line()];
    sent += each.sent;
  }
  CHECK(lines
        == std::map<std::string, int>{{"GET / HTTP/1.1 200 sent", 2},
                                      {"GET /nowhere HTTP/1.1 404 sent", 1},
                                      {"GET /work HTTP/1.1 200 sent", 1},
                                      {"GET /large HTTP/1.1 200 sent", 1},
                                      {"GET /pieces HTTP/1.1 200 sent", 1},
                                      {"POST /echo HTTP/1.1 200 sent", 1},
                                      {"HEAD / HTTP/1.1 200 sent", 1},
                                      {"  HTTP/1.1 400 sent", 1}});
  CHECK(sent == got);
}

TEST_CASE("an observer is told of a client that takes half of a response", "[e2e][access]") {
  told_by_reactor told;
  {
    access_server own{told};
    auto peer = own.connect();
    peer.shrink_buffers();
    peer.send(get("/large"));
    std::size_t got = 0;
    while (got < 1'000'000)
      got += peer.read_some(100'000).size();
    peer.reset();
    own.end();
  }
  const auto all = all_of(told);
  REQUIRE(all.size() == 1);
  CHECK(all[0].line() == "GET /large HTTP/1.1 200 client left");
  CHECK(all[0].sent >= 1'000'000);
  CHECK(all[0].sent < 8'000'000);
}

TEST_CASE("an observer is told of responses that the server does not complete", "[e2e][access]") {
  told_by_reactor told;
  {
    access_server own{told, test_config().with_drain_deadline(100ms)};
    auto peer = own.connect();
    peer.send(get("/broken"));
    peer.await_end();
    auto slow = own.connect();
    slow.shrink_buffers();
    slow.send(get("/large"));
    (void)slow.read_some(1000);
    own.end();
  }
  const auto all = all_of(told);
  REQUIRE(all.size() == 2);
  for (const auto& each : all)
    CHECK(each.outcome == access_outcome::cut_off);
}

TEST_CASE("an engine that has started takes no observers", "[e2e][access]") {
  told_by_reactor told;
  access_server own{told};
  CHECK_THROWS_AS(own.app.observe_access(recording(told[0])), std::logic_error);
  engine other;
  CHECK_THROWS_AS(other.observe_access({}), std::invalid_argument);
}

TEST_CASE("an engine does not start if the factory of an observer fails", "[e2e][access]") {
  server own;
  own.app.observe_access([](std::size_t) -> std::unique_ptr<access_observer> {
    throw std::runtime_error("no observer");
  });
  CHECK_THROWS_WITH(own.start(), "no observer");
  CHECK(own.app.port() == 0);
}
