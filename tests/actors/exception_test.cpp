// Exceptions that leave code on a reactor: one request fails, the server continues.
#include "../support/captured_log.hpp"
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/actors/reactor/detail/element.hpp>
#include <sake/actors/reactor/reactor_actor.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

using sake::context;
using sake::http::request;
using sake::http::response;
using sake::test::captured_log;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::plain_on_wire;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

// Copying it throws from the `fails_at`-th copy on.
struct costly {
  std::shared_ptr<int> copies_left;
  explicit costly(int copies) : copies_left(std::make_shared<int>(copies)) {}
  costly(const costly& other) : copies_left(other.copies_left) {
    if (--*copies_left < 0)
      throw std::runtime_error("no copy");
  }
  costly& operator=(const costly&) = default;
};

std::string failed() {
  return plain_on_wire(500);
}

} // namespace

TEST_CASE("a value that throws while it is copied to an actor answers 500", "[actors][exception]") {
  const captured_log log{sake::log_level::error};
  shard_fixture app;
  app.use([](context& ctx) {
    // ctx.set makes one copy.
    ctx.set("value", costly{1});
  });
  const auto whom = app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const request&) { return response::text(200, "answered"); }};
  });
  app.get("/handle", whom);
  app.get("/spawned", [](caf::event_based_actor*) -> caf::behavior {
    return {[](const request&) { return response::text(200, "answered"); }};
  });
  auto peer = app.connect();
  for (const auto* path : {"/handle", "/spawned"}) {
    CHECK(app.ask(peer, get(path)) == failed());
    CHECK(app.ask(peer, get(path)) == failed());
  }
  CHECK(log.count("no copy") == 4);
}

TEST_CASE("a reactor_actor that throws answers 500 for its request", "[actors][exception]") {
  class thrower final : public sake::actors::reactor_actor {
  public:
    thrower(caf::actor_config& cfg, sake::actors::reactor& home) : reactor_actor(cfg, home) {}

  private:
    void receive(caf::mailbox_element_ptr&) override { throw std::runtime_error("thrown"); }
  };
  const captured_log log{sake::log_level::error};
  shard_fixture app;
  const auto whom = sake::actors::spawn_on<thrower>(app.shard().reactor());
  app.replace_router(whom);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == failed());
  CHECK(app.ask(peer, get("/")) == failed());
  CHECK(log.count("thrown") >= 2);
}

TEST_CASE("an actor whose exception handler throws ends, and its requests are answered with 500",
          "[actors][exception]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  const captured_log log{sake::log_level::error};
  int spawned = 0;
  shard_fixture app{{}, {.workers = 1, .max_queued = 8, .pinned = false}};
  auto& route = app.get("/", [&](caf::event_based_actor* self) -> caf::behavior {
    ++spawned;
    self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr&) -> caf::error {
      throw std::runtime_error("thrown by the handler of exceptions");
    });
    return {[](const request& what) -> response {
      if (what.query() == "fail")
        throw std::runtime_error("failed");
      return response::text(200, "answered");
    }};
  });
  if (on_pool)
    route.worker();
  auto peer = app.connect();
  const auto answer = [&](std::string_view octets) {
    peer.send(octets);
    std::string got;
    app.run_until([&] { return !(got += peer.take()).empty(); });
    return got;
  };
  CHECK(answer(get("/?fail")) == failed());
  CHECK(answer(get("/")) == text_on_wire(200, "answered"));
  CHECK(spawned == 2);
  // On the pool the answer may precede the line.
  app.run_until([&] { return log.count("thrown by the handler of exceptions") > 0; });
  CHECK(log.count("thrown by the handler of exceptions") == 1);
}

TEST_CASE("an exception of a posted function or a deadline is logged and contained",
          "[actors][exception]") {
  struct failing final : sake::actors::deadline {
    void expired(sake::actors::time_point) override { throw std::runtime_error("late"); }
  };
  const captured_log log{sake::log_level::error};
  bool posted = false;
  shard_fixture app;
  app.get("/", [](context& ctx) { ctx.string(200, "answered"); });
  auto& reactor = app.shard().reactor();
  failing first;
  failing second;
  reactor.post([] { throw std::runtime_error("posted"); });
  reactor.post([&] { posted = true; });
  reactor.arm(first, reactor.now() + 1ms);
  reactor.arm(second, reactor.now() + 1ms);
  app.advance(5ms);
  CHECK(posted);
  CHECK(log.count("posted") == 1);
  CHECK(log.count("late") == 2);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "answered"));
}
