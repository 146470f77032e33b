// Server-sent events: a clock that ticks in every browser that opens the page.
#include <sake/routing/event_stream.hpp>
#include <sake/sake.hpp>

#include <charconv>
#include <chrono>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

constexpr std::string_view page = R"(<!doctype html>
<title>Ticks</title>
<p>Tick <b id="n">none yet</b>
<script>
  new EventSource("/ticks").addEventListener("tick", event => n.textContent = event.data);
</script>
)";

int main(int argc, char** argv) {
  sake::engine app;

  app.get("/", [](sake::context& ctx) { ctx.html(200, page); });

  // Ends where it waits when the client leaves, and in order when the engine shuts down.
  app.get("/ticks", [](sake::context& ctx) -> sake::task<> {
    // A browser that reconnects sends the id of the last event that it received.
    const std::string_view seen = ctx.header("Last-Event-ID");
    int n = 0;
    std::from_chars(seen.data(), seen.data() + seen.size(), n);

    // [ticks]
    auto events = ctx.event_stream();
    co_await events.send({.retry = 1s});
    while (!ctx.is_draining()) {
      const auto text = std::to_string(++n);
      co_await events.send({.event = "tick", .data = text, .id = text});
      co_await ctx.sleep(100ms);
    }
    // [/ticks]
  });

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}
