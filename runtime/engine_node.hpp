// An engine as one node among several.
#pragma once

#include "../actors/nodes/basp/basp_network.hpp"
#include "../actors/nodes/basp/resolver.hpp"
#include "../actors/nodes/cluster.hpp"
#include "../actors/nodes/node_info.hpp"
#include "../actors/shards.hpp"
#include "../actors/workers/executors.hpp"
#include "config/config_values.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sake {

/// An engine as one node among several: its links, its membership and its dispatchers. Belongs
/// to the thread that makes it, except for members marked as safe from any thread.
class engine_node {
public:
  /// Binds the address for other nodes. Everything that is referred to must outlive this object.
  engine_node(const config_values& options, caf::actor_system& system,
              const routing::route_map& routes, std::vector<actors::shard*> shards,
              const actors::executors& executors,
              std::function<void(const actors::node_event&)> on_event);
  engine_node(const engine_node&) = delete;
  engine_node& operator=(const engine_node&) = delete;

  /// Why there is no node: one line for each reason; empty if there is one.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  /// Its name, its address and whether it uses TLS, for the log.
  void log_start() const;

  // -- safe from any thread -------------------------------------------------------------

  /// Accepts nodes, and looks for those to join, as soon as the reactors run.
  void start() { cluster_->start(); }
  /// Takes no further work of other nodes, and tells them.
  void drain() { cluster_->drain(); }
  /// Tells the other nodes that this one ends. Calls `done`, on a reactor, after a second at the
  /// latest.
  void leave(std::function<void()> done) { cluster_->leave(std::move(done)); }
  [[nodiscard]] const std::string& name() const noexcept { return settings_.name; }
  [[nodiscard]] std::vector<actors::node_info> nodes() const { return cluster_->nodes(); }

  /// Ends all links. After the shards have closed, and before they retire.
  void close() noexcept { cluster_->close(); }

private:
  class names final : public actors::nodes::name_resolver {
  public:
    explicit names(actors::reactor& home) : resolver_(home) {}
    void resolve(std::string name, std::function<void(std::vector<std::string>)> done) override;

  private:
    actors::nodes::resolver resolver_;
  };

  actors::node_settings settings_;
  actors::nodes::basp_network network_;
  names names_;
  std::string failure_;
  std::optional<actors::nodes::cluster> cluster_;
};

} // namespace sake
