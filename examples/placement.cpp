// The place where handlers run: each route chooses it, the handlers stay the same.
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>

#include <pthread.h>

using namespace std::chrono_literals;

std::string thread_name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

/// A function. It may wait; afterwards it continues in its place.
sake::task<> tell(sake::context& ctx) {
  const auto before = thread_name();
  co_await ctx.sleep(1ms);
  ctx.string(200, before + "\n");
}

/// An actor that the route spawns.
caf::behavior teller(caf::event_based_actor*) {
  return {[](const sake::request&) { return sake::response::text(200, thread_name() + "\n"); }};
}

int main(int argc, char** argv) {
  // The default pool is for computing: pinned, with a scheduling class that yields to reactors.
  // This pool is for blocking calls, such as to a database: its threads mostly sleep.
  sake::config options;
  options.with_workers(2).with_pool(
      "images", {.workers = 4, .pinned = false, .scheduling = sake::scheduling::normal});
  sake::engine app{options};

  // [places]
  app.get("/by-nature", tell); // on its reactor, unless it blocks it
  app.get("/reactor", tell).pinned_to_reactor();
  app.get("/worker", tell).worker();
  app.get("/images", tell).worker("images");
  app.get("/detached", tell).detached(); // one request at a time
  app.get("/scheduler", tell).on_scheduler();

  app.get("/actor", teller); // on the reactor of the request
  app.get("/actor/images/:id", teller).keyed_by("id").worker("images");
  app.get("/actor/scheduler", teller).on_scheduler();
  // [/places]

  // Resizes a running pool.
  app.put("/images/workers/:n", [&app](sake::context& ctx) {
    const auto text = ctx.param("n");
    std::size_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    if (const auto resized = app.resize_pool("images", n); !resized)
      return ctx.string(400, resized.error + "\n");
    ctx.string(200, std::to_string(n) + " workers\n");
  });

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}
