// A runtime observer beside workers with threads of their own.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <sake/actors.hpp>
#include <sake/actors/reactor/messages.hpp>

#include <caf/event_based_actor.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

// What one reactor was told, read once the server has ended.
struct runtime_counts {
  int opened = 0;
  int closed = 0;
  int done = 0;
  int refused = 0;
  int started = 0;
  int failed = 0;
  std::chrono::nanoseconds ran{};
  std::thread::id first_caller;
  bool has_several_callers = false;
};

class runtime_counter final : public runtime_observer {
public:
  explicit runtime_counter(runtime_counts& to) : to_(to) {}

  void on_connection_opened(const http::peer&) noexcept override { count(to_.opened); }
  void on_connection_closed(const http::peer&) noexcept override { count(to_.closed); }
  void on_task_done(const pool_task& task) noexcept override {
    count(to_.done);
    to_.ran += task.ran;
  }
  void on_task_refused(const pool_task&) noexcept override { count(to_.refused); }
  // An actor for all requests starts on the thread that starts the engine.
  void on_actor_started(const route_actor&) noexcept override { ++to_.started; }
  void on_actor_failed(const route_actor&, std::string_view) noexcept override {
    count(to_.failed);
  }

private:
  void count(int& what) noexcept {
    const auto here = std::this_thread::get_id();
    if (to_.first_caller == std::thread::id{})
      to_.first_caller = here;
    to_.has_several_callers = to_.has_several_callers || here != to_.first_caller;
    ++what;
  }

  runtime_counts& to_;
};

} // namespace

TEST_CASE("a runtime observer is told on its reactor alone", "[e2e][runtime_observer]") {
  constexpr int requests = 50;
  std::array<runtime_counts, 2> told;
  {
    server own;
    own.app.observe_runtime([&told](std::size_t reactor) {
      return std::make_unique<runtime_counter>(told.at(reactor));
    });
    own.app
        .get("/work",
             [](context& ctx) {
               std::this_thread::sleep_for(1ms);
               ctx.string(200, "done");
             })
        .worker();
    own.app.get("/offload", [](context& ctx) -> task<> {
      co_await ctx.offload([] { std::this_thread::sleep_for(1ms); });
      ctx.string(200, "done");
    });
    own.app.get("/fail", [](caf::event_based_actor*) -> caf::behavior {
      return {[](const request&) -> response { throw std::runtime_error("told to fail"); }};
    });
    own.start();
    for (int i = 0; i < requests; ++i) {
      REQUIRE(own.ask(get("/work")).status == 200);
      REQUIRE(own.ask(get("/offload")).status == 200);
    }
    CHECK(own.ask(get("/fail")).status == 500);
    own.app.shutdown();
    own.app.wait();
  }
  CHECK(told[0].opened + told[1].opened == 2 * requests + 1);
  CHECK(told[0].closed + told[1].closed == 2 * requests + 1);
  CHECK(told[0].done + told[1].done == 2 * requests);
  CHECK(told[0].ran + told[1].ran >= 2 * requests * 1ms);
  CHECK(told[0].refused + told[1].refused == 0);
  CHECK(told[0].started + told[1].started >= 1);
  CHECK(told[0].failed + told[1].failed == 1);
  for (const auto& each : told)
    CHECK_FALSE(each.has_several_callers);
}
