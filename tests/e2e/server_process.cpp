// The main program of a server_process, as a hidden test case.
#include "../support/server_process.hpp"
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <caf/actor.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

std::atomic<int> begun = 0;
std::atomic<bool> is_released = false;

config config_of(std::string_view kind) {
  auto options = test_config().with_signals(true).with_workers(1);
  if (kind == "plain")
    return {};
  if (kind == "patient")
    return options.with_drain_deadline(1h);
  if (kind == "hasty")
    return options.with_drain_deadline(100ms);
  if (kind == "one reactor")
    return options.with_reactors(1);
  if (kind == "configured") {
    // Fixed thread counts for the tests.
    options.with_workers(1).with_reactors(1);
    for (const auto& error : options.read_file(std::getenv(server_process::file_variable)))
      FAIL(error);
    return options;
  }
  if (kind == "two pools")
    return options.with_pool("other", {.workers = 1});
  if (kind == "broken") {
    http::limits max;
    max.field_count = 0;
    max.pipelined_requests = 0;
    return options.with_max_connections(0).with_limits(max).with_server_name("a\nb");
  }
  return options;
}

void add_routes(engine& app) {
  app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  app.post("/", [](context& ctx) { ctx.string(200, ctx.body()); });
  app.get("/begun", [](context& ctx) { ctx.string(200, std::to_string(begun)); });
  // Both answer once the process has received SIGUSR1.
  app.get("/held", [](context& ctx) -> task<> {
    ++begun;
    while (!is_released)
      co_await ctx.sleep(1ms);
    ctx.string(200, "at last");
  });
  app.get("/busy",
          [](context& ctx) {
            ++begun;
            while (!is_released)
              std::this_thread::sleep_for(1ms);
            ctx.string(200, "at last");
          })
      .worker();
  app.get("/workers",
          [&app](context& ctx) { ctx.string(200, std::to_string(app.workers().size())); });
  app.get("/fail", [](context& ctx) { throw std::runtime_error(std::string{ctx.query("why")}); });
  app.get("/lines", [](context& ctx) {
    const int count = std::stoi(std::string{ctx.query("count")});
    for (int i = 0; i < count; ++i)
      ctx.log(log_level::info, "a line of the program", {{"number", i}});
    ctx.status(204);
  });
  app.get("/exit", [](context&) { std::exit(7); }).pinned_to_reactor();
  app.get("/exit/worker", [](context&) { std::exit(7); }).worker();
  app.get("/shutdown", [&app](context& ctx) {
    app.shutdown();
    ctx.string(200, "goodbye");
  });
}

} // namespace

TEST_CASE("the server runs in a process of its own", "[.][server-process]") {
  const char* const kind = std::getenv(server_process::kind_variable);
  const char* const address = std::getenv(server_process::address_variable);
  if (kind == nullptr || address == nullptr)
    FAIL("not for use by hand");
  std::signal(SIGUSR1, [](int) { is_released = true; });
  int status = 0;
  {
    engine app{config_of(kind)};
    add_routes(app);
    status = app.run(address);
  }
  std::exit(status);
}
