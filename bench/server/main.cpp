// The measured Sake server: the routes that the harness requests.
// Takes the options of Sake, such as --reactors N or --adaptive on|off; --help lists them.

#include "routes.hpp"

#include "common/api_patterns.hpp"
#include "common/flags.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include <pthread.h>

namespace {

constexpr auto usage =
    "--port N [--routes N] [--once-log FILE] [--no-worker-pool] [option of Sake]…";

/// More than the 15 000 connections of the bench; the engine's default is 10 000.
constexpr std::size_t max_connections = 20'000;

/// Octets of GET /large.
constexpr std::size_t large_octets = 1024 * 1024;

std::string thread_name() {
  std::array<char, 16> name{};
  ::pthread_getname_np(::pthread_self(), name.data(), name.size());
  return name.data();
}

void add_routes(sake::engine& app) {
  app.get("/", [](sake::context& ctx) { ctx.string(200, "Sake, ready to be measured.\n"); });
  app.get("/plaintext", [](sake::context& ctx) { ctx.string(200, "Hello, World!"); });
  app.get("/json", [](sake::context& ctx) { ctx.json(200, {{"message", "Hello, World!"}}); });
  app.get("/users/:id", [](sake::context& ctx) { ctx.string(200, ctx.param("id")); });
  app.post("/echo",
           [](sake::context& ctx) { ctx.data(200, ctx.header("Content-Type"), ctx.take_body()); });
  app.get("/large", [large = std::make_shared<const std::string>(large_octets, 'x')](
                        sake::context& ctx) { ctx.data(200, "application/octet-stream", large); });
  app.get("/reactor", [](sake::context& ctx) { ctx.string(200, thread_name()); });
  app.get("/ping", [](sake::context& ctx) { ctx.string(200, "pong"); });
  // On the pool and with priority, so that it overtakes queued requests and is not refused.
  app.get("/health", [](sake::context& ctx) { ctx.string(200, "ok"); }).worker().high_priority();
  sake::bench::add_cpu_routes(app);
  sake::bench::add_actor_routes(app);
}

void add_further_routes(sake::engine& app, std::size_t count) {
  auto patterns = sake::bench::api_patterns((count + 3) / 4);
  patterns.resize(count);
  for (const auto& each : patterns)
    app.get(each, [](sake::context& ctx) { ctx.string(200, ctx.path()); });
}

} // namespace

int main(int argc, char** argv) {
  return sake::bench::run_program("sake-bench-server", usage, [&] {
    sake::config options;
    options.with_max_connections(max_connections);
    options.with_pool(std::string{sake::bench::batch_pool}, {.workers = 1});
    const auto line =
        options.read_command_line(argc, argv,
                                  {"--port N             listen on 127.0.0.1:N",
                                   "--routes N           N further routes, which nobody asks for",
                                   "--once-log FILE      where POST /once/:id appends its id",
                                   "--no-worker-pool     the same as --worker-pool off"});
    if (!line)
      return line.report();
    const sake::bench::flags flags{
        line.rest, {"--port", "--routes", "--once-log"}, {"--no-worker-pool"}};
    if (flags.has("--no-worker-pool"))
      options.with_worker_pool(false);
    const auto address = "127.0.0.1:" + std::to_string(flags.port());
    sake::engine app{options};
    add_routes(app);
    sake::bench::add_node_routes(app, options.node().name, flags.text("--once-log", ""));
    add_further_routes(app, flags.number("--routes", 0));
    return app.run(address);
  });
}
