// Everything at the same time, by a seed: random routes of every kind; actors that spawn, delegate,
// link, quit and fail; clients that misbehave; pools that are resized; workers that are killed; and
// a shutdown in the middle. Under a sanitizer this test shows races and lifetime errors.
//
// SAKE_STRESS_ROUNDS engines (2) are run, from the seed SAKE_STRESS_SEED (1) on.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <sake/actors.hpp>
#include <sake/routing/event_stream.hpp>
#include <sake/routing/when.hpp>
#include <sake/sake.hpp>
#include <sake/testing/seeded_random.hpp>

#include <caf/blocking_actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace sake::test;
using namespace std::chrono_literals;
using sake::context;
using sake::task;
using sake::http::request;
using sake::http::response;
using sake::testing::seeded_random;

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// -- misbehaving actors ---------------------------------------------------------------

response echo_of(const request& what) {
  return response::text(200, what.param("n"));
}

void answer_once(caf::blocking_actor* self) {
  self->receive([](const request& what) { return echo_of(what); },
                caf::after(std::chrono::seconds{5}) >> [] {});
}

void send_late(caf::blocking_actor* self, const caf::actor& to) {
  std::this_thread::sleep_for(2ms);
  self->send(to, 1);
}

// The number in a request decides how it is treated.
caf::behavior moody(caf::event_based_actor* self) {
  self->set_default_handler(caf::drop);
  auto held = std::make_shared<std::vector<caf::response_promise>>();
  auto later = std::make_shared<std::vector<std::pair<caf::response_promise, std::string>>>();
  return {[self, held, later](const request& what) -> caf::result<response> {
            const int n = std::atoi(std::string{what.param("n")}.c_str());
            switch (n % 12) {
              case 0:
                self->delegate(self->spawn<caf::detached + caf::hidden>(answer_once), what);
                return caf::delegated<response>{};
              case 1:
                self->spawn<caf::detached + caf::hidden>(send_late, caf::actor{self});
                return echo_of(what);
              case 2:
                if (n % 5 == 0)
                  throw std::runtime_error("moody");
                return echo_of(what);
              case 3:
                if (n % 7 == 0)
                  self->quit();
                return echo_of(what);
              case 4: {
                const auto dead = self->spawn<caf::hidden>([](caf::event_based_actor* child) {
                  child->quit(caf::exit_reason::kill);
                  return caf::behavior{};
                });
                self->delegate(dead, what);
                return caf::delegated<response>{};
              }
              case 5: {
                auto promise = self->make_response_promise();
                held->push_back(promise);
                if (held->size() > 2)
                  held->clear(); // drops the requests
                return caf::delegated<response>{};
              }
              case 6:
                if (const auto& sender = self->current_sender())
                  caf::anon_send_exit(caf::actor_cast<caf::actor>(sender), caf::exit_reason::kill);
                return echo_of(what);
              case 7: {
                const auto child = self->spawn<caf::linked + caf::hidden>(
                    [](caf::event_based_actor* linked) -> caf::behavior {
                      return {[linked](int) { linked->quit(); }};
                    });
                self->send(child, 1);
                return echo_of(what);
              }
              case 8: {
                later->emplace_back(self->make_response_promise(), what.param("n"));
                self->delayed_send(self, 1ms, caf::tick_atom::value);
                return caf::delegated<response>{};
              }
              default:
                return echo_of(what);
            }
          },
          [later](caf::tick_atom) {
            for (auto& [promise, n] : *later)
              promise.deliver(response::text(200, n));
            later->clear();
          },
          [](int) {}};
}

// -- one engine ---------------------------------------------------------------------------

struct stressed {
  explicit stressed(std::uint64_t its_seed)
      : seed(its_seed), random(its_seed), own(options()), helper(own.app.system().spawn(help)) {
    add_routes();
    own.start();
  }

  sake::config options() {
    return test_config()
        .with_reactors(1 + random.below(3))
        .with_workers(1 + random.below(3))
        .with_worker_max_queued(random.chance(30) ? 2 : 256)
        .with_pool("side", {.workers = 1, .pinned = false})
        .with_blocking_threshold(random.chance(50) ? 1ms : 50ms)
        .with_request_timeout(2s)
        .with_drain_deadline(5s);
  }

  static caf::behavior help(caf::event_based_actor* self) {
    return {[](caf::get_atom, int n) { return n; },
            [self](caf::put_atom, int) { return self->make_response_promise(); }};
  }

  void add_routes();
  void play();

  std::uint64_t seed;
  seeded_random random;
  /// Every running handler holds it.
  std::shared_ptr<int> alive = std::make_shared<int>();
  std::atomic<bool> is_ending{false};
  std::atomic<int> answered{0};
  std::atomic<int> wrong{0};
  server own;
  caf::actor helper;
  std::vector<std::string> paths;
};

void stressed::add_routes() {
  const auto add = [this](const std::string& name, sake::handler handler) -> sake::route& {
    paths.push_back('/' + name + '/');
    return own.app.get('/' + name + "/:n", std::move(handler));
  };
  const auto plain = [held = alive](context& ctx) { ctx.string(200, ctx.param("n")); };
  const auto waits = [held = alive, whom = helper](context& ctx) -> task<> {
    const auto hold = held;
    const int n = std::atoi(std::string{ctx.param("n")}.c_str());
    if (n % 3 == 0) {
      auto work = ctx.offload([n] { return n; });
      (void)co_await sake::when_any(work, ctx.sleep(1ms));
    } else if (n % 3 == 1) {
      (void)co_await sake::when_any(ctx.ask<int>(whom, 1s, caf::put_atom::value, n),
                                    ctx.ask<int>(whom, 1s, caf::get_atom::value, n));
    } else {
      co_await sake::when_all(ctx.sleep(1ms), ctx.offload([] {}));
    }
    ctx.string(200, std::to_string(n));
  };
  const auto streams = [held = alive](context& ctx) -> task<> {
    const auto hold = held;
    const std::string n{ctx.param("n")};
    auto out = ctx.stream(200, "text/plain", n.size());
    for (const char each : n) {
      co_await out.write({&each, 1});
      co_await ctx.sleep(0ms);
    }
  };
  own.app.use([held = alive](context& ctx) -> task<> {
    const auto hold = held;
    ctx.set("number", std::string{ctx.param("n")});
    co_await ctx.next();
  });
  add("plain", plain);
  add("busy", [](context& ctx) {
    std::this_thread::sleep_for(std::chrono::microseconds{300});
    ctx.string(200, ctx.param("n"));
  });
  add("worker", plain).worker();
  add("urgent", plain).worker().high_priority();
  add("side", waits).worker("side");
  add("scheduler", plain).on_scheduler();
  add("detached", plain).detached();
  add("bounded", waits).max_in_flight(3);
  add("waits", waits);
  add("streams", streams);
  add("streams-worker", streams).worker();
  add("shared", moody);
  add("shared-worker", moody).worker();
  add("shared-scheduler", moody).on_scheduler();
  add("own", moody).per_request();
  add("keyed", moody).keyed_by("n", 1ms, 8);
  own.app.get("/events", [held = alive](context& ctx) -> task<> {
    const auto hold = held;
    auto events = ctx.event_stream();
    for (;;) {
      co_await events.send({.data = "tick"});
      co_await ctx.sleep(1ms);
    }
  });
}

// -- clients --------------------------------------------------------------------------------

class visitor {
public:
  visitor(stressed& at, std::uint64_t seed) : at_(at), random_(seed) {}

  void run(int visits) {
    for (int i = 0; i < visits; ++i) {
      try {
        visit();
      } catch (const std::runtime_error&) {
        // An engine that has ended or is ending need not answer.
        if (!at_.is_ending)
          ++at_.wrong;
      }
    }
  }

private:
  void visit() {
    auto peer = at_.own.connect();
    if (random_.chance(5))
      return listen(peer);
    std::string octets;
    std::vector<std::string> numbers;
    for (auto left = 1 + random_.below(8); left > 0; --left) {
      numbers.push_back(std::to_string(random_.below(1000)));
      octets += get(at_.paths[random_.below(at_.paths.size())] + numbers.back());
    }
    if (random_.chance(20))
      peer.send_in_pieces(octets, 1 + random_.below(octets.size()));
    else
      peer.send(octets);
    const auto kind = random_.below(10);
    if (kind == 0)
      return peer.reset();
    if (kind == 1)
      return peer.close();
    if (kind == 2)
      numbers.resize(1 + random_.below(numbers.size()));
    for (const auto& number : numbers)
      if (!is_expected(peer.read(), number))
        ++at_.wrong;
  }

  void listen(client& peer) {
    peer.send(get("/events"));
    (void)peer.read_some(200);
    if (random_.chance(50))
      peer.reset();
  }

  bool is_expected(const answer& got, const std::string& number) {
    ++at_.answered;
    if (got.status == 200)
      return got.content == number;
    return got.status == 500 || got.status == 503 || got.status == 504;
  }

  stressed& at_;
  seeded_random random_;
};

// Resizes pools, kills workers, and sends requests to routers as an actor.
void disturb(stressed& at, std::uint64_t seed) {
  seeded_random random{seed};
  caf::scoped_actor self{at.own.app.system()};
  while (!at.is_ending) {
    (void)at.own.app.resize_pool(random.chance(50) ? "" : "side", 1 + random.below(4));
    if (random.chance(30))
      for (const auto& each : at.own.app.workers())
        if (random.chance(50))
          caf::anon_send_exit(each, caf::exit_reason::kill);
    const auto& path = at.paths[random.below(at.paths.size())];
    self->request(at.own.app.router(0), 20s, request::make("GET", path + "7"))
        .receive([](const response&) {}, [](const caf::error&) {});
    std::this_thread::sleep_for(std::chrono::milliseconds{1 + random.below(5)});
  }
}

void stressed::play() {
  constexpr int visitors = 4;
  constexpr int visits = 60;
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < visitors; ++i)
    threads.emplace_back([this, i] { visitor{*this, seed * 100 + i}.run(visits); });
  std::thread chaos{[this] { disturb(*this, seed * 100 + 99); }};
  // The shutdown comes during the requests, or after all of them.
  const int enough = random.chance(75) ? visitors * visits / 2 : visitors * visits * 2;
  const auto patience = std::chrono::steady_clock::now() + 60s;
  while (answered < enough && std::chrono::steady_clock::now() < patience)
    std::this_thread::sleep_for(1ms);
  is_ending = true;
  chaos.join();
  own.app.shutdown();
  own.app.wait();
  for (auto& each : threads)
    each.join();
  caf::anon_send_exit(helper, caf::exit_reason::user_shutdown);
  helper = nullptr;
}

} // namespace

TEST_CASE("an engine survives misbehaving actors and clients, and its own end", "[e2e][stress]") {
  const auto first = from_environment("SAKE_STRESS_SEED", 1);
  const auto rounds = from_environment("SAKE_STRESS_ROUNDS", 2);
  for (auto seed = first; seed < first + rounds; ++seed) {
    INFO("seed " << seed);
    std::weak_ptr<int> alive;
    {
      stressed now{seed};
      now.play();
      CHECK(now.wrong == 0);
      CHECK(now.answered > 0);
      alive = now.alive;
    }
    CHECK(alive.expired());
  }
}
