// Several nodes without sockets, threads or time of their own, for tests.
#pragma once

#include "../config/config.hpp"
#include "test_app.hpp"
#include "virtual_network.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sake::testing {

/// Several nodes with the same routes, and the network between them: everything on the calling
/// thread, with one time for all.
///
///     sake::testing::test_cluster nodes{add_routes};
///     auto& front = nodes.add("front", {.role = sake::actors::node_role::front});
///     nodes.add("w1");
///     CHECK(nodes.ask(front, {"GET", "/where"}).content() == "w1");
///
/// Each node is a `test_app`, but its own `get` and the like run that node alone: ask by `ask`.
/// Belongs to one thread.
class test_cluster {
public:
  /// @param add_routes  registers the routes of each node, and learns its name
  using registration = std::function<void(route_group&, const std::string& name)>;
  explicit test_cluster(registration add_routes) : add_routes_(std::move(add_routes)) {}
  test_cluster(const test_cluster&) = delete;
  test_cluster& operator=(const test_cluster&) = delete;
  ~test_cluster();

  /// Starts a node, which joins the others.
  /// @param own  its name and addresses are set here
  test_app& add(const std::string& name, actors::node_settings own = {}, const config& options = {},
                std::size_t reactors = 1);
  /// @throws failure if there is no such node, as all calls that name one
  [[nodiscard]] test_app& node(const std::string& name) { return *find(name).app; }
  [[nodiscard]] bool has(const std::string& name) const { return nodes_.contains(name); }

  /// Ends a node as a killed process: nothing of it remains.
  /// @param is_noticed  whether the others hear at once, as when its machine is alive
  void kill(const std::string& name, bool is_noticed = true);
  /// Cuts the network between two nodes off, and makes it whole again.
  void part(const std::string& one, const std::string& other);
  void heal(const std::string& one, const std::string& other);
  /// Cuts the links between two nodes: both hear of it.
  void cut(const std::string& one, const std::string& other);
  [[nodiscard]] virtual_network& network() noexcept { return network_; }

  // -- events and time ----------------------------------------------------------------

  [[nodiscard]] std::size_t ready();
  /// Handles one event with all its effects in the same turn.
  /// @param i  below `ready()`
  void handle(std::size_t i);
  /// Handles events until none is left.
  void run();
  /// Lets time pass, and runs whenever something is due, and at the end.
  void advance(std::chrono::milliseconds by);
  /// The time of all nodes.
  [[nodiscard]] actors::time_point now() const {
    return nodes_.begin()->second->app->runtime().clock().now();
  }
  /// The next time at which something may be due.
  [[nodiscard]] std::optional<actors::time_point> next_due();
  /// Lets time pass, but handles nothing.
  void pass(std::chrono::nanoseconds by);
  /// Handles events, and lets time pass as far as needed, until `holds()`.
  /// @returns whether `holds()` at the end
  bool run_until(const std::function<bool()>& holds,
                 std::chrono::milliseconds patience = std::chrono::minutes{1});
  /// Runs until every node has a link to every other.
  /// @returns whether it has come to that
  bool join_all();

  /// Sends a request to a node, and runs all until its response is complete.
  /// @throws failure if no response comes
  response ask(test_app& front, const request& what);

private:
  struct hosted {
    std::unique_ptr<test_app> app;
    std::string address;
  };

  [[nodiscard]] hosted& find(const std::string& name);

  registration add_routes_;
  virtual_network network_;
  std::map<std::string, std::unique_ptr<hosted>> nodes_;
  std::chrono::nanoseconds passed_{};
  std::size_t started_ = 0;
};

} // namespace sake::testing
