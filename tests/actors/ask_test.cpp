// Coroutines that ask actors.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/testing/matchers.hpp>
#include <sake/testing/test_app.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <memory>
#include <string>

using sake::context;
using sake::task;
using sake::test::get;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

using double_atom = caf::atom_constant<caf::atom("double")>;
using text_atom = caf::atom_constant<caf::atom("text")>;
using nothing_atom = caf::atom_constant<caf::atom("nothing")>;
using fail_atom = caf::atom_constant<caf::atom("fail")>;
using wait_atom = caf::atom_constant<caf::atom("wait")>;
using go_atom = caf::atom_constant<caf::atom("go")>;
using drop_atom = caf::atom_constant<caf::atom("drop")>;

caf::behavior calculator(caf::event_based_actor* self) {
  auto waiting = std::make_shared<std::vector<caf::response_promise>>();
  return {[](double_atom, int n) { return 2 * n; },
          [](text_atom) { return std::string{"text"}; },
          [](nothing_atom) {},
          [](fail_atom) -> caf::result<int> { return caf::sec::runtime_error; },
          [=](wait_atom) { waiting->push_back(self->make_response_promise()); },
          [=](drop_atom) { waiting->clear(); },
          [=](go_atom, int n) {
            for (auto& each : *waiting)
              each.deliver(n);
            waiting->clear();
          }};
}

using typed = caf::typed_actor<caf::replies_to<double_atom, int>::with<int>,
                               caf::replies_to<nothing_atom>::with<caf::unit_t>>;

typed::behavior_type typed_calculator() {
  return {[](double_atom, int n) { return 2 * n; }, [](nothing_atom) { return caf::unit; }};
}

// A route with a handler that asks `whom` and answers with the result as text.
struct ask_fixture : shard_fixture {
  template <class Ask>
  explicit ask_fixture(Ask ask) {
    this->get("/", [this, ask](context& ctx) -> task<> {
      const auto hold = alive;
      const std::string text = co_await ask(*this, ctx);
      ctx.string(200, text);
    });
    without = alive.use_count();
  }

  template <class T>
  std::string to_text(const caf::expected<T>& got) {
    if (!got)
      return system().render(got.error());
    if constexpr (std::is_same_v<T, int>)
      return std::to_string(*got);
    else if constexpr (std::is_same_v<T, std::string>)
      return *got;
    else if constexpr (std::is_same_v<T, caf::message>)
      return std::to_string(got->size()) + " values";
    else
      return "unit";
  }

  caf::actor whom = spawn(calculator);
  std::shared_ptr<int> alive = std::make_shared<int>(0);
  long without = 0;
};

} // namespace

TEST_CASE("ask() returns the answer of the actor", "[actors][ask]") {
  shard_fixture app;
  const auto whom = app.spawn(calculator);
  const auto typed_whom = app.spawn(typed_calculator);
  app.get("/", [=](context& ctx) -> task<> {
    const auto number = co_await ctx.ask<int>(whom, 1s, double_atom::value, 21);
    const auto text = co_await ctx.ask<std::string>(whom, 1s, text_atom::value);
    const auto message = co_await ctx.ask(whom, 1s, double_atom::value, 4);
    const auto nothing = co_await ctx.ask<caf::unit_t>(whom, 1s, nothing_atom::value);
    // The type of a typed actor determines the type of the answer.
    const auto deduced = co_await ctx.ask(typed_whom, 1s, double_atom::value, 8);
    const auto unit = co_await ctx.ask(typed_whom, 1s, nothing_atom::value);
    static_assert(std::is_same_v<decltype(deduced), const caf::expected<int>>);
    static_assert(std::is_same_v<decltype(unit), const caf::expected<caf::unit_t>>);
    ctx.string(200, std::to_string(*number) + *text + std::to_string(message->get_as<int>(0))
                        + std::to_string(*deduced) + (nothing && unit ? " units" : ""));
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "42text816 units"));
}

TEST_CASE("ask() of an empty handle gives an error, as CAF's own request does", "[actors][ask]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  sake::actors::pool_settings workers{.workers = 1, .max_queued = 8, .pinned = false};
  shard_fixture app{{}, workers};
  auto& route = app.get("/", [](context& ctx) -> task<> {
    const auto got = co_await ctx.ask<int>(caf::actor{}, 1s, double_atom::value, 1);
    ctx.string(200, !got && got.error() == caf::sec::invalid_argument ? "refused" : "asked");
  });
  if (on_pool)
    route.worker();
  auto peer = app.connect();
  peer.send(get("/"));
  std::string got;
  app.run_until([&] { return !(got += peer.take()).empty(); });
  CHECK(got == text_on_wire(200, "refused"));
}

TEST_CASE("ask() returns errors as values", "[actors][ask]") {
  shard_fixture app;
  const auto whom = app.spawn(calculator);
  const auto dead = app.spawn(calculator);
  caf::anon_send_exit(dead, caf::exit_reason::kill);
  app.get("/", [&, whom, dead](context& ctx) -> task<> {
    const auto render = [&](const caf::error& why) { return app.system().render(why) + '|'; };
    const auto failed = co_await ctx.ask<int>(whom, 1s, fail_atom::value);
    const auto unknown = co_await ctx.ask<int>(dead, 1s, double_atom::value, 1);
    const auto other_type = co_await ctx.ask<int>(whom, 1s, text_atom::value);
    ctx.string(200, render(failed.error()) + render(unknown.error()) + render(other_type.error()));
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/"))
        == text_on_wire(200, "system_error(runtime_error)|system_error(request_receiver_down)|"
                             "system_error(unexpected_response)|"));
}

TEST_CASE("ask() waits until the actor answers", "[actors][ask]") {
  ask_fixture app{[](ask_fixture& own, context& ctx) -> task<std::string> {
    co_return own.to_text(co_await ctx.ask<int>(own.whom, 1s, wait_atom::value));
  }};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/") + get("/")).empty());
  app.advance(999ms);
  CHECK(peer.take().empty());
  caf::anon_send(app.whom, go_atom::value, 7);
  app.run();
  CHECK(peer.take() == text_on_wire(200, "7") + text_on_wire(200, "7"));
  app.advance(1s); // the deadline is disarmed
  CHECK(peer.take().empty());
  CHECK(app.alive.use_count() == app.without);
}

TEST_CASE("ask() ends at its deadline and ignores a later answer", "[actors][ask]") {
  ask_fixture app{[](ask_fixture& own, context& ctx) -> task<std::string> {
    co_return own.to_text(co_await ctx.ask<int>(own.whom, 1s, wait_atom::value));
  }};
  auto peer = app.connect();
  (void)app.ask(peer, get("/"));
  app.advance(999ms);
  CHECK(peer.take().empty());
  app.advance(1ms);
  CHECK(peer.take() == text_on_wire(200, "system_error(request_timeout)"));
  CHECK(app.alive.use_count() == app.without);
  caf::anon_send(app.whom, go_atom::value, 7);
  app.run();
  CHECK(peer.take().empty());
}

TEST_CASE("ask() of an actor that dies before it answers returns an error at once",
          "[actors][ask]") {
  ask_fixture app{[](ask_fixture& own, context& ctx) -> task<std::string> {
    co_return own.to_text(co_await ctx.ask<int>(own.whom, 1s, double_atom::value, 1));
  }};
  auto peer = app.connect();
  caf::anon_send_exit(app.whom, caf::exit_reason::kill); // before the request in its mailbox
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "system_error(request_receiver_down)"));
}

TEST_CASE("ask() of an actor that drops the request ends", "[actors][ask]") {
  const bool has_deadline = GENERATE(false, true);
  ask_fixture app{[has_deadline](ask_fixture& own, context& ctx) -> task<std::string> {
    co_return own.to_text(
        co_await ctx.ask<int>(own.whom, has_deadline ? 1s : 0s, wait_atom::value));
  }};
  auto peer = app.connect();
  (void)app.ask(peer, get("/"));
  SECTION("while it goes on") {
    caf::anon_send(app.whom, drop_atom::value);
  }
  SECTION("as it ends") {
    caf::anon_send_exit(app.whom, caf::exit_reason::kill);
  }
  app.run();
  if (has_deadline) {
    CHECK(peer.take().empty());
    app.advance(1s);
    CHECK(peer.take() == text_on_wire(200, "system_error(request_timeout)"));
  } else {
    CHECK(peer.take() == text_on_wire(200, "system_error(request_receiver_down)"));
  }
  CHECK(app.alive.use_count() == app.without);
}

TEST_CASE("ask() ends at its deadline just before it hears that the request was dropped",
          "[actors][ask]") {
  sake::testing::test_app app;
  const auto whom = app.spawn(calculator);
  app.routes().get("/", [&](context& ctx) -> task<> {
    const auto got = co_await ctx.ask<int>(whom, 1s, wait_atom::value);
    ctx.string(200, got ? "an answer" : app.runtime().system().render(got.error()));
  });
  auto pending = app.send(sake::testing::request("GET", "/"));
  app.run();
  auto& runtime = app.runtime();
  caf::anon_send(whom, drop_atom::value);
  runtime.handle(runtime.ready() - 1); // the actor
  runtime.pass(1s);
  REQUIRE(runtime.ready() == 2);
  runtime.handle(1); // the deadline, before the news that the actor has posted
  app.run();
  CHECK(matches(pending.take(), sake::testing::has_content("system_error(request_timeout)")));
}

TEST_CASE("ask() is cancelled at the end of the shard", "[actors][ask]") {
  ask_fixture app{[](ask_fixture& own, context& ctx) -> task<std::string> {
    co_return own.to_text(co_await ctx.ask<int>(own.whom, 0s, wait_atom::value));
  }};
  auto peer = app.connect();
  (void)app.ask(peer, get("/"));
  CHECK(app.alive.use_count() == app.without + 1);
  SECTION("the shard ends before the answer") {
    app.close();
  }
  SECTION("the shard ends in the turn of the answer") {
    caf::anon_send(app.whom, go_atom::value, 7);
    app.close();
  }
  CHECK(app.alive.use_count() == app.without);
  caf::anon_send(app.whom, go_atom::value, 7);
  app.run();
  CHECK(peer.is_gone());
}

TEST_CASE("ask() without a deadline waits without limit", "[actors][ask]") {
  ask_fixture app{[](ask_fixture& own, context& ctx) -> task<std::string> {
    co_return own.to_text(co_await ctx.ask<int>(own.whom, 0s, wait_atom::value));
  }};
  auto peer = app.connect();
  (void)app.ask(peer, get("/"));
  app.advance(29s);
  caf::anon_send(app.whom, go_atom::value, 7);
  app.run();
  CHECK(peer.take() == text_on_wire(200, "7"));
}
