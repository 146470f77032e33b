// One program as several nodes: `.worker()` handlers run where there is an idle worker. Options say
// which node this is: --node.name, --node.listen, --node.join, --node.role; ./sake cluster starts
// three.
#include <sake/sake.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

namespace {

constexpr const char* help = "GET /burn/500     burns 500 ms on some node, and tells which\n"
                             "GET /nodes        the nodes, as this one sees them\n"
                             "GET /events       the same as it changes, as server-sent events\n";

// [value]
// A value that middleware sets and that goes to the other node with the request.
void greet(sake::context& ctx) {
  ctx.set_travelling("asked_at", ctx.request().peer().to_string());
}
// [/value]

std::uint64_t burn(std::chrono::milliseconds time) {
  std::uint64_t rounds = 0;
  for (const auto end = std::chrono::steady_clock::now() + time;
       std::chrono::steady_clock::now() < end;)
    ++rounds;
  return rounds;
}

} // namespace

int main(int argc, char** argv) {
  sake::config options;
  const auto line = options.read_command_line(argc, argv);
  if (!line)
    return line.report();
  sake::engine app{options};
  const std::string name = options.node().name;

  app.use(greet);
  app.get("/", [](sake::context& ctx) { ctx.string(200, help); });

  // [burn]
  // Idempotent, as every GET: if the node dies, another one runs it. A POST would be answered 502,
  // unless the route says .idempotent().
  const auto work = [name](sake::context& ctx) {
    const auto ms = std::stoul("0" + std::string{ctx.param("ms")});
    burn(std::chrono::milliseconds{std::min(ms, 10'000UL)});
    const auto* const peer = ctx.get<std::string>("asked_at");
    ctx.string(200, name + " worked " + std::to_string(ms) + " ms for "
                        + (peer != nullptr ? *peer : "somebody") + "\n");
  };
  app.get("/burn/:ms", work).worker();
  // [/burn]

  app.get("/nodes", [&app](sake::context& ctx) { ctx.json(200, app.nodes()); });

  app.get("/events", [&app](sake::context& ctx) -> sake::task<> {
    auto out = ctx.event_stream();
    std::string last;
    while (co_await ctx.sleep(std::chrono::milliseconds{200})) {
      std::string now;
      for (const auto& each : app.nodes())
        now += each.name + " " + each.state + "\n";
      if (now != last)
        co_await out.send({.event = "nodes", .data = now});
      last = now;
    }
  });

  app.on_node_event([name](const sake::node_event& event) {
    sake::log(sake::log_level::info, "seen from this node",
              {{"here", name}, {"node", event.name}, {"event", to_string(event.what)}});
  });
  return app.run();
}
