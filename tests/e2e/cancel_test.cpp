// Requests that are cancelled while their handler is about to begin, or begins its response.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/server.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

// Longer than octets need to another socket of this machine.
constexpr auto moment = 50ms;

/// Requests that hold the reactor until the test lets them go.
class holds {
public:
  void add_to(engine& app) {
    app.get("/hold/:gate",
            [this](context& ctx) {
              gates_[ctx.param("gate")[0] - '0'].pass();
              ctx.string(200, "held");
            })
        .pinned_to_reactor();
  }
  gate& at(std::size_t gate) { return gates_[gate]; }

private:
  std::array<gate, 3> gates_;
};

} // namespace

TEST_CASE("a handler does not begin for a client that leaves as its content is complete",
          "[e2e][cancel]") {
  const auto* path = GENERATE("/reactor", "/worker");
  std::atomic<int> begun = 0;
  std::atomic<int> through = 0;
  holds held;
  server own{test_config().with_reactors(1)};
  held.add_to(own.app);
  const auto later = [&](context& ctx) -> task<> {
    co_await ctx.next();
    co_await ctx.sleep(20ms);
    ++through;
  };
  const auto handler = [&](context& ctx) {
    ++begun;
    ctx.string(200, "done");
  };
  own.app.post("/reactor", handler).max_in_flight(1).use(later);
  own.app.post("/worker", handler).worker().max_in_flight(1).use(later);
  own.start();

  auto leaving = own.connect();
  const auto whole = post(path, std::string(200'000, 'x'));
  leaving.send(whole.substr(0, 100'000));
  std::this_thread::sleep_for(moment);
  auto holder = own.connect();
  holder.send(get("/hold/0"));
  held.at(0).await_visitor();
  leaving.send(whole.substr(100'000));
  leaving.half_close();
  std::this_thread::sleep_for(moment);
  held.at(0).open();

  wait_until([&] { return through == 1; });
  CHECK(begun == 0);
  CHECK(own.ask(post(path, "x")).content == "done"); // its place is free
}

TEST_CASE("a stream that a worker begins as its deadline passes gives way to 504",
          "[e2e][cancel]") {
  gate working;
  holds held;
  server own{test_config().with_reactors(1)};
  held.add_to(own.app);
  own.app.get("/quick", [](context& ctx) { ctx.string(200, "quick"); });
  own.app
      .get("/stream",
           [&](context& ctx) -> task<> {
             working.pass();
             auto out = ctx.stream(200, "text/plain");
             co_await out.write("first");
             co_await ctx.sleep(60s);
           })
      .worker()
      .timeout(100ms);
  own.start();

  auto peer = own.connect();
  std::array<client, 3> holders{own.connect(), own.connect(), own.connect()};
  for (auto& each : holders)
    REQUIRE(each.ask(get("/quick")).content == "quick"); // the reactor has accepted it
  peer.send(get("/stream"));
  working.await_visitor();
  // The reactor sees that the deadline has passed in the turn of the second request that holds it,
  // and reads once more, which is the third: the posts of the worker come after the cancellation.
  for (std::size_t i = 0; i < holders.size(); ++i) {
    holders[i].send(get("/hold/" + std::to_string(i)));
    std::this_thread::sleep_for(moment);
    if (i > 0)
      held.at(i - 1).open();
    held.at(i).await_visitor();
    if (i == 0)
      std::this_thread::sleep_for(100ms);
  }
  working.open();
  std::this_thread::sleep_for(moment);
  held.at(2).open();

  CHECK(peer.read().status == 504);
  CHECK(peer.ask(get("/quick")).content == "quick");
}
