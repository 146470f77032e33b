// Actors that may be given to a route, and their lifetime.
#include "../support/catch.hpp"
#include "../support/counter.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/actors/request/exchange.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <stdexcept>
#include <string>

using sake::context;
using sake::http::request;
using sake::http::response;
using sake::test::count_up;
using sake::test::counter;
using sake::test::get;
using sake::test::shard_fixture;
using sake::test::text_on_wire;

namespace {

sake::typed_handler::behavior_type typed_counter(sake::typed_handler::pointer) {
  return {[count = 0](const request&) mutable { return count_up(count); }};
}

} // namespace

TEST_CASE("a typed actor is a handler", "[actors][handler]") {
  shard_fixture app;
  const sake::typed_handler whom = app.spawn(typed_counter);
  app.get("/", whom);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "1"));
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "2"));
}

TEST_CASE("the actor of a route ends with the routes", "[actors][handler]") {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("testing"));
  caf::actor_system system{config};
  const auto whom = system.spawn(counter);
  { const sake::handler layer{whom}; }
  auto& coordinator = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  coordinator.run();
  CHECK(system.registry().running() == 0);
}

TEST_CASE("an argument that is no actor handle is refused at registration", "[actors][handler]") {
  shard_fixture app;
  CHECK_THROWS_AS(app.get("/", caf::actor{}), std::invalid_argument);
  const auto whom = app.spawn(counter);
  CHECK_THROWS_AS(app.get("/a", whom).worker(), std::invalid_argument);
}

TEST_CASE("an actor is refused as middleware, because it cannot pass a request on",
          "[actors][handler]") {
  shard_fixture app;
  const auto whom = app.spawn(counter);
  const sake::typed_handler typed = app.spawn(typed_counter);
  CHECK_THROWS_AS(app.use(whom), std::invalid_argument);
  CHECK_THROWS_AS(app.group("/g").use(typed), std::invalid_argument);
  CHECK_THROWS_AS(app.get("/", whom).use(whom), std::invalid_argument);
}

TEST_CASE("an actor of the same reactor that answers in the sender's turn is a handler",
          "[actors][handler]") {
  class at_once final : public sake::actors::reactor_actor {
  public:
    at_once(caf::actor_config& cfg, sake::actors::reactor& home) : reactor_actor(cfg, home) {}

  private:
    void receive(caf::mailbox_element_ptr& message) override {
      message->sender->enqueue(nullptr, message->mid.response_id(),
                               caf::make_message(response::text(200, "at once")), &home());
    }
  };
  int afters = 0;
  shard_fixture app;
  caf::strong_actor_ptr whom;
  app.get("/", [&](context& ctx) { static_cast<sake::actors::exchange&>(ctx).delegate(whom); });
  app.get("/layered",
          [&](context& ctx) { static_cast<sake::actors::exchange&>(ctx).delegate(whom); })
      .use([&](context& ctx) { ctx.next([&](context&) { ++afters; }); });
  whom = sake::actors::spawn_on<at_once>(app.shard().reactor());
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/") + get("/layered"))
        == text_on_wire(200, "at once") + text_on_wire(200, "at once"));
  CHECK(afters == 1);
}
