// Ordinary requests over real sockets: reactors that share a port, persistence, pipelining.
#include "../support/catch.hpp"
#include "../support/places.hpp"
#include "../support/scratch_folder.hpp"
#include "../support/server.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace sake;
using namespace sake::test;

namespace {

void add_serving_routes(engine& app) {
  app.get("/plain", [](context& ctx) { ctx.string(200, "plain"); });
  app.get("/number/:n", [](context& ctx) { ctx.string(200, ctx.param("n")); });
  app.get("/later/:n", [](context& ctx) -> task<> {
    co_await ctx.sleep(std::chrono::milliseconds{5});
    ctx.string(200, ctx.param("n"));
  });
  app.post("/echo", [](context& ctx) {
    ctx.data(200, "application/octet-stream", std::string{ctx.body()});
  });
  app.delete_("/thing", [](context& ctx) { ctx.status(204); });
}

} // namespace

TEST_CASE("reactors that share a port all serve", "[e2e]") {
  server own{test_config().with_reactors(2)};
  own.app.get("/where", [](context& ctx) { ctx.string(200, thread_name()); });
  own.start();
  std::set<std::string> seen;
  // The kernel assigns connections by a hash of their addresses.
  for (int i = 0; i < 400 && seen.size() < 2; ++i)
    seen.insert(own.ask(get("/where")).content);
  CHECK(seen == std::set<std::string>{"sake-reactor-0", "sake-reactor-1"});
}

TEST_CASE("few connections are shared out evenly among the reactors", "[e2e]") {
  const bool is_unix = GENERATE(false, true);
  CAPTURE(is_unix);
  const scratch_folder folder;
  const auto path = (folder.path / "socket").string();
  auto options = test_config().with_reactors(3);
  if (is_unix)
    options.with_address("unix:" + path);
  server own{options};
  own.app.get("/where", [](context& ctx) { ctx.string(200, thread_name()); });
  own.start();
  std::vector<client> crowd;
  std::map<std::string, int> seen;
  for (int i = 0; i < 12; ++i) {
    crowd.push_back(is_unix ? client::on_path(path) : own.connect());
    ++seen[crowd.back().ask(get("/where")).content];
  }
  CHECK(seen.size() == 3);
  for (const auto& [reactor, connections] : seen) {
    CAPTURE(reactor);
    CHECK(connections == 4);
  }
}

TEST_CASE("connections that are given to another reactor survive a shutdown", "[e2e]") {
  for (int round = 0; round < 20; ++round) {
    server own{test_config().with_reactors(3)};
    own.app.get("/", [](context& ctx) { ctx.string(200, "home"); });
    own.start();
    std::vector<client> crowd;
    for (int i = 0; i < 30; ++i) {
      crowd.push_back(own.connect());
      crowd.back().send(get("/"));
    }
    own.app.shutdown();
    for (auto& each : crowd)
      CHECK(each.read().content == "home");
  }
}

TEST_CASE("a single reactor serves", "[e2e]") {
  server own{test_config().with_reactors(1)};
  own.app.get("/where", [](context& ctx) { ctx.string(200, thread_name()); });
  own.start();
  for (int i = 0; i < 20; ++i)
    CHECK(own.ask(get("/where")).content == "sake-reactor-0");
}

TEST_CASE("a connection serves many requests, one after the other", "[e2e]") {
  server own;
  add_serving_routes(own.app);
  own.start();
  auto peer = own.connect();
  for (int i = 0; i < 300; ++i) {
    const auto n = std::to_string(i);
    const auto got = peer.ask(get((i % 2 == 0 ? "/number/" : "/later/") + n));
    REQUIRE(got.status == 200);
    REQUIRE(got.content == n);
    REQUIRE_FALSE(got.closes());
  }
}

TEST_CASE("pipelined requests are answered in order", "[e2e]") {
  // 200 is above the limit of pipelined requests, which is 64.
  const int count = GENERATE(2, 16, 64, 65, 200);
  const auto* path = GENERATE("/number/", "/later/");
  CAPTURE(count, path);
  server own;
  add_serving_routes(own.app);
  own.start();
  auto peer = own.connect();
  std::string requests;
  for (int i = 0; i < count; ++i)
    requests += get(path + std::to_string(i));
  peer.send(requests);
  for (int i = 0; i < count; ++i) {
    const auto got = peer.read();
    REQUIRE(got.status == 200);
    REQUIRE(got.content == std::to_string(i));
  }
  CHECK(peer.ask(get("/plain")).content == "plain");
}

TEST_CASE("a later response does not overtake a slow one", "[e2e]") {
  server own;
  add_serving_routes(own.app);
  own.start();
  auto peer = own.connect();
  std::string requests;
  for (int i = 0; i < 16; ++i)
    requests += get((i % 3 == 0 ? "/later/" : "/number/") + std::to_string(i));
  peer.send(requests);
  for (int i = 0; i < 16; ++i)
    CHECK(peer.read().content == std::to_string(i));
}

TEST_CASE("a partial request at the end of a pipelined read is kept", "[e2e]") {
  server own;
  add_serving_routes(own.app);
  own.start();
  const std::string next = post("/echo", "the rest", "X: y\r\n");
  for (std::size_t part = 1; part < next.size(); part += 7) {
    CAPTURE(part);
    auto peer = own.connect();
    peer.send(get("/number/1") + get("/number/2") + next.substr(0, part));
    CHECK(peer.read().content == "1");
    CHECK(peer.read().content == "2");
    peer.send(next.substr(part) + get("/number/3"));
    CHECK(peer.read().content == "the rest");
    CHECK(peer.read().content == "3");
  }
}

TEST_CASE("requests may arrive one octet at a time", "[e2e]") {
  server own;
  add_serving_routes(own.app);
  own.start();
  auto peer = own.connect();
  peer.send_in_pieces(get("/number/1") + post("/echo", "fixed")
                          + to_send("POST", "/echo", "Transfer-Encoding: chunked\r\n",
                                    chunk("chun") + chunk("ked") + "0\r\nTrailer: t\r\n\r\n")
                          + get("/number/2"),
                      1);
  CHECK(peer.read().content == "1");
  CHECK(peer.read().content == "fixed");
  CHECK(peer.read().content == "chunked");
  CHECK(peer.read().content == "2");
}

TEST_CASE("content of any size arrives whole", "[e2e]") {
  // Around the largest size of whole content, and far above it.
  const std::size_t size = GENERATE(0, 1, 65'535, 65'536, 65'537, 300'000, 1'048'576);
  const bool is_chunked = GENERATE(false, true);
  CAPTURE(size, is_chunked);
  server own;
  add_serving_routes(own.app);
  own.start();
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    content[i] = static_cast<char>(i * 31 % 251);
  std::string chunks;
  for (std::size_t at = 0; at < size; at += 7'001)
    chunks += chunk(content.substr(at, 7'001));
  auto peer = own.connect();
  const auto got = is_chunked ? peer.ask(to_send("POST", "/echo", "Transfer-Encoding: chunked\r\n",
                                                 chunks + "0\r\n\r\n"))
                              : peer.ask(post("/echo", content));
  CHECK(got.status == 200);
  CHECK((got.content == content));
  CHECK(peer.ask(get("/plain")).content == "plain");
}

TEST_CASE("large content is read although only one request may be in flight", "[e2e]") {
  http::limits max;
  max.pipelined_requests = 1;
  server own{test_config().with_limits(max)};
  add_serving_routes(own.app);
  own.start();
  auto peer = own.connect();
  const std::string large(500'000, 'x');
  CHECK(peer.ask(post("/echo", large)).content.size() == large.size());
  peer.send(post("/echo", large) + get("/number/1"));
  CHECK(peer.read().content.size() == large.size());
  CHECK(peer.read().content == "1");
}

TEST_CASE("HEAD gets the fields of GET and no content", "[e2e]") {
  server own;
  add_serving_routes(own.app);
  own.start();
  auto peer = own.connect();
  const auto full = peer.ask(get("/plain"));
  const auto head = peer.ask(to_send("HEAD", "/plain"));
  CHECK(head.field("Content-Length") == "5");
  CHECK(head.without_date() + "plain" == full.without_date());
  CHECK(peer.ask(get("/number/7")).content == "7");
}

TEST_CASE("204 has no content, and the connection persists", "[e2e]") {
  server own;
  add_serving_routes(own.app);
  own.start();
  auto peer = own.connect();
  const auto got = peer.ask(to_send("DELETE", "/thing"));
  CHECK(got.status == 204);
  CHECK(got.field("Content-Length").empty());
  CHECK(peer.ask(get("/plain")).content == "plain");
}

TEST_CASE("OPTIONS lists the methods of a path, and of the server", "[e2e]") {
  server own;
  add_serving_routes(own.app);
  own.start();
  auto peer = own.connect();
  const auto path = peer.ask(to_send("OPTIONS", "/plain"));
  CHECK(path.status == 204);
  CHECK(path.field("Allow") == "GET, HEAD, OPTIONS");
  const auto all = peer.ask(to_send("OPTIONS", "*"));
  CHECK(all.status == 204);
  CHECK_FALSE(all.field("Allow").empty());
  CHECK(peer.ask(to_send("OPTIONS", "/nowhere")).status == 404);
}

TEST_CASE("a request without a route leaves the connection open", "[e2e]") {
  server own;
  add_serving_routes(own.app);
  own.start();
  auto peer = own.connect();
  CHECK(peer.ask(get("/nowhere")).status == 404);
  const auto wrong = peer.ask(post("/plain", "content"));
  CHECK(wrong.status == 405);
  CHECK(wrong.field("Allow") == "GET, HEAD, OPTIONS");
  CHECK(peer.ask(to_send("BREW", "/plain")).status == 501);
  CHECK(peer.ask(to_send("HEAD", "/nowhere")).content.empty());
  CHECK(peer.ask(get("/plain")).content == "plain");
}

TEST_CASE("500 simultaneous clients are all answered", "[e2e]") {
  server own;
  add_serving_routes(own.app);
  own.start();
  std::vector<client> crowd;
  for (int i = 0; i < 500; ++i)
    crowd.push_back(own.connect());
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < crowd.size(); ++i)
      crowd[i].send(get("/number/" + std::to_string(i + round)));
    for (std::size_t i = 0; i < crowd.size(); ++i)
      REQUIRE(crowd[i].read().content == std::to_string(i + round));
  }
}
