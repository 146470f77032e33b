// A reactor by itself: its wake-ups, the order of its work, and its end, which other threads may
// outlive.

#include <sake/actors/reactor/reactor.hpp>
#include <sake/actors/reactor/reactor_actor.hpp>

#include "support/catch.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/epoll.h>
#include <sys/eventfd.h>

using namespace sake;
using namespace std::chrono_literals;

namespace {

class listener_actor final : public actors::reactor_actor {
public:
  listener_actor(caf::actor_config& cfg, actors::reactor& home, int& messages)
      : reactor_actor(cfg, home), messages_(messages) {}
  const char* name() const override { return "test.listener"; }

private:
  void receive(caf::mailbox_element_ptr&) override { ++messages_; }
  int& messages_;
};

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  actors::reactor reactor{system};
  // Alive until its holder has been destroyed.
  std::shared_ptr<int> cargo = std::make_shared<int>(0);

  void post() {
    reactor.post([held = cargo] { ++*held; });
  }
};

/// Calls a function when its descriptor, which is readable from the start, has an event.
class readable_watch final : public actors::reactor::io_handler {
public:
  explicit readable_watch(
      actors::reactor& home, std::function<void()> then = [] {})
      : home_(home), then_(std::move(then)) {
    home_.add(fd_.get(), EPOLLIN, *this);
  }
  ~readable_watch() { home_.remove(fd_.get(), *this); }

  int told = 0;

private:
  void on_events(std::uint32_t events) override {
    if ((events & EPOLLIN) != 0)
      ++told;
    then_();
  }
  actors::reactor& home_;
  std::function<void()> then_;
  actors::detail::descriptor fd_{::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd"};
};

/// Posts another function each time it expires, and stops the reactor at the end.
class ticking_deadline final : public actors::deadline {
public:
  ticking_deadline(actors::reactor& home, int left) : home_(home), left_(left) {
    home_.arm(*this, home_.exact_now() + 1ms);
  }
  int expirations = 0;

private:
  void expired(time_point) override {
    ++expirations;
    if (--left_ == 0)
      home_.stop();
    else
      home_.arm(*this, home_.exact_now() + 1ms);
  }
  actors::reactor& home_;
  int left_;
};

/// Calls a function when it expires.
class calling_deadline final : public actors::deadline {
public:
  explicit calling_deadline(std::function<void()> then) : then_(std::move(then)) {}

private:
  void expired(time_point) override { then_(); }
  std::function<void()> then_;
};

} // namespace

TEST_CASE("a reactor that was blocked handles readable sockets before expired deadlines",
          "[actors][reactor]") {
  fixture app;
  std::vector<std::string> order;
  std::optional<readable_watch> sent_in_time;
  calling_deadline late{[&] {
    order.emplace_back("deadline");
    app.reactor.stop();
  }};
  const auto due = app.reactor.exact_now() + 1ms;
  app.reactor.arm(late, due);
  app.reactor.post([&] {
    // Readable before the timer expires, while the reactor handles no event.
    sent_in_time.emplace(app.reactor, [&] { order.emplace_back("readable"); });
    while (app.reactor.exact_now() < due + 20ms) {
    }
  });
  app.reactor.run();
  CHECK(order == std::vector<std::string>{"readable", "deadline"});
}

TEST_CASE("the Date of a reactor advances with the day", "[actors][reactor]") {
  struct settable_clock final : actors::clock {
    [[nodiscard]] actors::time_point now() const noexcept override { return time; }
    [[nodiscard]] actors::time_point coarse_now() const noexcept override { return time; }
    [[nodiscard]] std::time_t time_of_day() const noexcept override { return day; }
    actors::time_point time{1h};
    std::time_t day = 784'111'777;
  };
  settable_clock clock;
  caf::actor_system_config config;
  caf::actor_system system{config};
  actors::reactor reactor{system, 0, clock};
  const auto date = [&reactor] {
    const actors::reactor::turn now{reactor};
    return std::string{reactor.date_line()};
  };
  CHECK(date() == "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  clock.time += 1s;
  clock.day += 1;
  CHECK(date() == "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
  clock.time += 24h;
  clock.day += 24 * 3600;
  CHECK(date() == "Date: Mon, 07 Nov 1994 08:49:38 GMT\r\n");
}

TEST_CASE("a waiting reactor is woken by a function posted from another thread",
          "[actors][reactor]") {
  constexpr int posts = 5'000;
  std::atomic<int> handled{0};
  fixture app;
  std::thread loop{[&] { app.reactor.run(); }};
  for (int i = 0; i < posts; ++i) {
    app.reactor.post([&] {
      ++handled;
      handled.notify_one();
    });
    // Every second time the reactor waits already, or is about to wait.
    if (i % 2 == 0)
      handled.wait(i);
  }
  app.reactor.stop();
  loop.join();
  CHECK(handled == posts);
}

TEST_CASE("functions posted by several threads to a reactor that sometimes waits are not lost",
          "[actors][reactor]") {
  constexpr int posts_each = 20'000;
  std::atomic<int> handled{0};
  fixture app;
  std::thread loop{[&] { app.reactor.run(); }};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < posts_each; ++n)
        app.reactor.post([&] { ++handled; });
    });
  for (auto& each : threads)
    each.join();
  app.reactor.stop();
  loop.join();
  CHECK(handled == 3 * posts_each);
}

TEST_CASE("a waiting reactor continues when a deadline is due", "[actors][reactor]") {
  fixture app;
  ticking_deadline ticks{app.reactor, 5};
  app.reactor.run();
  CHECK(ticks.expirations == 5);
}

TEST_CASE("a stopped reactor can run again", "[actors][reactor]") {
  fixture app;
  for (int i = 1; i <= 2; ++i) {
    app.post();
    app.reactor.stop();
    app.reactor.run();
    CHECK(*app.cargo == i);
  }
}

TEST_CASE("a handler destroyed by another handler in the same turn gets no further event",
          "[actors][reactor]") {
  fixture app;
  int told = 0;
  std::unique_ptr<readable_watch> ended;
  readable_watch ending{app.reactor, [&ended] { ended.reset(); }};
  while (app.reactor.run_ready()) {
  }
  ended = std::make_unique<readable_watch>(app.reactor, [&told] { ++told; });
  while (app.reactor.run_ready()) {
  }
  CHECK(told == 1);
  // The last one requeued is called first.
  app.reactor.requeue(*ended, EPOLLIN);
  app.reactor.requeue(ending, EPOLLIN);
  while (app.reactor.run_ready()) {
  }
  CHECK(ended == nullptr);
  CHECK(told == 1);
}

TEST_CASE("a handler gets an event once, and again after requeue()", "[actors][reactor]") {
  fixture app;
  readable_watch watch{app.reactor};
  while (app.reactor.run_ready()) {
  }
  CHECK(watch.told == 1);
  app.reactor.requeue(watch, EPOLLIN);
  CHECK(app.reactor.run_ready());
  CHECK(watch.told == 2);
  CHECK_FALSE(app.reactor.run_ready());
}

TEST_CASE("a destroyed handler gets no further event", "[actors][reactor]") {
  fixture app;
  int told = 0;
  auto gone = std::make_unique<readable_watch>(app.reactor, [&told] { ++told; });
  while (app.reactor.run_ready()) {
  }
  CHECK(told == 1);
  app.reactor.requeue(*gone, EPOLLIN);
  SECTION("it is destroyed before the next turn") {
    gone.reset();
  }
  SECTION("it is destroyed during a turn") {
    app.reactor.post([&] { gone.reset(); });
  }
  while (app.reactor.run_ready()) {
  }
  CHECK(gone == nullptr);
  CHECK(told == 1);
}

TEST_CASE("a nested run_ready() begins with the rest of the current batch", "[actors][reactor]") {
  fixture app;
  const auto run_rest = [&] { app.reactor.run_ready(); };
  readable_watch one{app.reactor, run_rest};
  readable_watch other{app.reactor, run_rest};
  readable_watch third{app.reactor};
  CHECK(app.reactor.run_ready());
  CHECK(one.told == 1);
  CHECK(other.told == 1);
  CHECK(third.told == 1);
}

TEST_CASE("a reactor that retires drops its unhandled work", "[actors][reactor]") {
  fixture app;
  app.post();
  REQUIRE(app.cargo.use_count() == 2);
  app.reactor.retire();
  CHECK(app.cargo.use_count() == 1);
  CHECK_FALSE(app.reactor.has_posts());
  CHECK(*app.cargo == 0);
}

TEST_CASE("work for a retired reactor is dropped at once", "[actors][reactor]") {
  fixture app;
  app.reactor.retire();
  app.post();
  CHECK(app.cargo.use_count() == 1);
  CHECK_FALSE(app.reactor.has_posts());
  app.reactor.run_ready();
  CHECK(*app.cargo == 0);
}

TEST_CASE("a message to an actor of a retired reactor is dropped", "[actors][reactor]") {
  fixture app;
  int messages = 0;
  const auto whom = actors::spawn_on<listener_actor>(app.reactor, messages);
  app.reactor.retire();
  whom->enqueue(nullptr, caf::make_message_id(), caf::make_message(1), nullptr);
  app.reactor.run_ready();
  CHECK(messages == 0);
}

TEST_CASE("work that threads post while a reactor retires is released", "[actors][reactor]") {
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
