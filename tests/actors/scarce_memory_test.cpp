// Failed allocations in the code of a connection end that connection, or its request, and no other.
#include "../support/allocations.hpp"
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors/request/exchange.hpp>

#include <cstddef>
#include <string>
#include <thread>
#include <utility>

using sake::context;
using sake::test::chunked_head;
using sake::test::failing_allocations;
using sake::test::get;
using sake::test::post;
using sake::test::shard_fixture;
using sake::test::text_on_wire;

namespace {

constexpr std::size_t large = 1'000'000;

struct scarce_memory_fixture : shard_fixture {
  scarce_memory_fixture() {
    this->get("/", [](context& ctx) { ctx.string(200, "root"); });
    this->get("/large", [this](context& ctx) { ctx.data(200, "text/plain", std::move(content)); });
    this->post("/length", [](context& ctx) { ctx.string(200, std::to_string(ctx.body().size())); });
  }

  std::string content = std::string(large, 'x');
};

} // namespace

TEST_CASE("a response that cannot be encoded for lack of memory ends only its connection",
          "[actors][memory]") {
  scarce_memory_fixture app;
  auto peer = app.connect();
  auto other = app.connect();
  peer.send(get("/") + get("/large"));
  {
    const failing_allocations scarce{large};
    app.run();
    CHECK(scarce.count() > 0);
  }
  CHECK(peer.is_gone());
  CHECK(app.ask(other, get("/")) == text_on_wire(200, "root"));
}

TEST_CASE("content that cannot be collected for lack of memory ends only its connection",
          "[actors][memory]") {
  scarce_memory_fixture app;
  auto peer = app.connect();
  auto other = app.connect();
  const std::string content(large, 'x');
  const auto request = post("/length", content);
  // Memory for content of a known length is reserved at once.
  const bool is_chunked = GENERATE(false, true);
  const std::size_t before = is_chunked ? 1000 : 0;
  const auto sent =
      is_chunked ? chunked_head("/length") + "F4240\r\n" + content + "\r\n0\r\n\r\n" : request;
  CHECK(app.ask(peer, sent.substr(0, before)).empty());
  peer.send(sent.substr(before));
  {
    const failing_allocations scarce{large / 4};
    app.run();
    CHECK(scarce.count() > 0);
  }
  CHECK(peer.is_gone());
  CHECK(app.ask(other, request) == text_on_wire(200, std::to_string(large)));
}

TEST_CASE("a request that cannot begin for lack of memory is answered, and others are served",
          "[actors][memory]") {
  // On a new thread, because its pools are empty.
  std::thread{[] {
    scarce_memory_fixture app;
    auto peer = app.connect();
    std::size_t failures = 0;
    peer.send(get("/"));
    {
      const failing_allocations scarce{sizeof(sake::actors::exchange)};
      app.run();
      failures = scarce.count();
    }
    CHECK(failures > 0);
    const auto got = peer.take();
    CHECK((got.starts_with("HTTP/1.1 50") || peer.is_gone()));
    auto other = app.connect();
    CHECK(app.ask(other, get("/")) == text_on_wire(200, "root"));
  }}.join();
}
