// The end of a reactor, which others may outlive.

#include <sake/actors/reactor.hpp>
#include <sake/actors/reactor_actor.hpp>

#include "support/catch.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

using namespace sake;

namespace {

class listener_actor final : public actors::reactor_actor {
public:
  listener_actor(caf::actor_config& cfg, actors::reactor& home, int& messages)
      : reactor_actor(cfg, home), messages_(messages) {}
  const char* name() const override { return "test.listener"; }

private:
  void receive(caf::mailbox_element_ptr) override { ++messages_; }
  int& messages_;
};

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  actors::reactor reactor{system};
  // Alive for as long as what holds it has not been dropped.
  std::shared_ptr<int> cargo = std::make_shared<int>(0);

  void post() {
    reactor.post([held = cargo] { ++*held; });
  }
};

} // namespace

TEST_CASE("a reactor that retires drops what it has not handled", "[actors][reactor]") {
  fixture app;
  app.post();
  REQUIRE(app.cargo.use_count() == 2);
  app.reactor.retire();
  CHECK(app.cargo.use_count() == 1);
  CHECK_FALSE(app.reactor.has_posts());
  CHECK(*app.cargo == 0);
}

TEST_CASE("what is handed to a reactor that has retired is dropped at once", "[actors][reactor]") {
  fixture app;
  app.reactor.retire();
  app.post();
  CHECK(app.cargo.use_count() == 1);
  CHECK_FALSE(app.reactor.has_posts());
  app.reactor.run_ready();
  CHECK(*app.cargo == 0);
}

TEST_CASE("a message to an actor of a reactor that has retired is dropped", "[actors][reactor]") {
  fixture app;
  int messages = 0;
  const auto whom = actors::spawn_on<listener_actor>(app.reactor, messages);
  app.reactor.retire();
  whom->enqueue(nullptr, caf::make_message_id(), caf::make_message(1), nullptr);
  app.reactor.run_ready();
  CHECK(messages == 0);
}

TEST_CASE("threads may hand over while a reactor retires, and nothing is kept",
          "[actors][reactor]") {
  constexpr int posts_each = 10'000;
  fixture app;
  std::atomic<int> posted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < posts_each; ++n, ++posted)
        app.post();
    });
  while (posted < posts_each / 2)
    app.reactor.run_ready();
  app.reactor.retire();
  for (auto& each : threads)
    each.join();
  CHECK(app.cargo.use_count() == 1);
  CHECK_FALSE(app.reactor.has_posts());
}
