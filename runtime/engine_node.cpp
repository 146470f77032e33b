#include "engine_node.hpp"

#include "../actors/nodes/basp/node_identity.hpp"
#include "../actors/reactor/log.hpp"
#include "../actors/workers/worker_pool.hpp"
#include "../http/quote.hpp"

#include <cstdint>
#include <random>
#include <utility>

#include <limits.h>
#include <unistd.h>

namespace sake {

namespace {

std::uint64_t random_id() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

// The name of a node that has none: that of the host, and its port for other nodes.
std::string default_name(std::string_view listen) {
  char host[HOST_NAME_MAX + 1] = "node";
  ::gethostname(host, HOST_NAME_MAX);
  const auto colon = listen.rfind(':');
  std::string name = host;
  if (colon != std::string_view::npos)
    name += "-" + std::string{listen.substr(colon + 1)};
  else
    name += "-" + std::to_string(::getpid());
  return name.substr(0, 64);
}

} // namespace

void engine_node::names::resolve(std::string name,
                                 std::function<void(std::vector<std::string>)> done) {
  resolver_.resolve(name, [name, done = std::move(done)](std::vector<std::string> found,
                                                         const std::string& problem) {
    if (found.empty())
      actors::log_event(log_level::warning, "the name of nodes to join has no address",
                        {{"name", name}, {"reason", problem}});
    done(std::move(found));
  });
}

engine_node::engine_node(const config_values& options, caf::actor_system& system,
                         const routing::route_map& routes, std::vector<actors::shard*> shards,
                         const actors::executors& executors,
                         std::function<void(const actors::node_event&)> on_event)
    : settings_(options.node),
      network_(shards.front()->reactor(), system, options.node),
      names_(shards.front()->reactor()),
      failure_(http::as_lines(actors::nodes::node_identity::check(options.node))) {
  if (failure_.empty())
    failure_ = network_.open();
  if (!failure_.empty())
    return;
  settings_.listen = network_.where();
  if (settings_.name.empty())
    settings_.name = default_name(settings_.listen);
  auto* const pool = executors.pool();
  cluster_.emplace(actors::nodes::cluster_setup{
      .settings = settings_,
      .routes = routes,
      .shards = std::move(shards),
      .net = network_,
      .names = &names_,
      .workers = [pool] { return pool != nullptr ? pool->width() : 0; },
      .load = [pool] { return pool != nullptr ? static_cast<std::uint32_t>(pool->load()) : 0; },
      .max_queued = options.executors.pool.max_queued,
      .id = random_id(),
      .on_event = std::move(on_event)});
}

void engine_node::log_start() const {
  actors::log_event(log_level::info, "node has started",
                    {{"node", settings_.name},
                     {"address", settings_.listen},
                     {"role", to_string(settings_.role)},
                     {"tls", settings_.has_tls()}});
}

} // namespace sake
