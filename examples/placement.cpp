// Where handlers run: each route says it, the handler stays the same.
#include <sake/actors/spawned.hpp>
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

/// A function: it may wait as well, and goes on in its place.
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
  // The pool without a name is for computing: pinned, and of a class that leaves reactors their
  // share. This one is for waiting: its threads sleep most of the time, in a database, say.
  sake::config options;
  options.with_workers(2).with_pool(
      "images", {.workers = 4, .pinned = false, .scheduling = sake::scheduling::normal});
  sake::engine app{options};

  app.get("/by-nature", tell); // its reactor, until it holds it up
  app.get("/reactor", tell).pinned_to_reactor();
  app.get("/worker", tell).worker();
  app.get("/images", tell).worker("images");
  app.get("/detached", tell).detached(); // one request at a time
  app.get("/scheduler", tell).on_scheduler();

  app.get("/actor", teller); // the reactor of the request
  app.get("/actor/images/:id", teller).keyed_by("id").worker("images");
  app.get("/actor/scheduler", teller).on_scheduler();

  // The size of a pool changes while it runs.
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
