// The engine: routes, middleware and the runtime that serves them.
#pragma once

#include "../actors/nodes/node_info.hpp"
#include "../actors/reactor/runtime_observer.hpp"
#include "../http/access.hpp"
#include "../routing/context.hpp"
#include "../routing/group.hpp"
#include "config/config.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caf {
class actor_system;
class actor;
} // namespace caf

namespace sake {

using actors::node_event;
using actors::node_info;

class engine_state;

/// Owns routes, middleware and the runtime that serves them. Routes are registered first, by the
/// members of `route_group`; then `run` serves until a signal or `shutdown`.
///
///     sake::engine app;
///     app.get("/hello/:name", [](sake::context& ctx) {
///       ctx.string(200, "Hello, " + std::string{ctx.param("name")});
///     });
///     return app.run(":8080");
///
/// Destroying an engine shuts it down. Registration, `run`, `start` and destruction must not happen
/// at the same time; `shutdown` is safe from any thread. A thread that has spawned actors by
/// `system()` must destroy the engine itself, or end before: CAF's actor system waits for it.
///
/// An engine belongs to the process that made it. After fork(2) the child may exec another program
/// or make an engine of its own; `start` refuses an engine that the parent made. std::exit in a
/// handler ends the process at once.
class engine : public route_group {
public:
  engine();
  explicit engine(config options);
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  ~engine();

  /// Registers observers, before the start: `make` is called once for each reactor, with its index,
  /// when the engine starts. The engine keeps what it returns until its own end, so that it can be
  /// read after `run`, unless a reactor did not end within the drain deadline.
  ///
  ///     app.observe_access([](std::size_t) { return std::make_unique<my_observer>(); });
  ///
  /// @throws std::invalid_argument if `make` is empty
  /// @throws std::logic_error after the start
  void observe_access(std::function<std::unique_ptr<access_observer>(std::size_t reactor)> make);
  void observe_runtime(std::function<std::unique_ptr<runtime_observer>(std::size_t reactor)> make);

  /// Serves at `where` (see `config::with_address`) until SIGTERM, SIGINT or `shutdown`, then
  /// drains: stops accepting, answers the requests in flight with `Connection: close`, and returns
  /// within the drain deadline and a second. A second signal ends the drain at once.
  ///
  /// @returns the exit status of the process: 0, or 1 if the engine could not start; the reasons
  ///          are printed to standard error
  int run(std::string_view where);
  int run();

  /// The result of an operation that may fail.
  struct [[nodiscard]] outcome {
    /// Why it failed, one line for each reason; empty on success.
    std::string error;
    explicit operator bool() const noexcept { return error.empty(); }
  };

  /// Starts serving and returns. An engine starts once; after a start that failed for an option or
  /// its address it may be called again.
  /// @throws std::logic_error if the engine has started before
  /// @throws std::invalid_argument if the factory of an observer returns null; any exception that
  ///         it throws
  outcome start(std::string_view where);
  outcome start();

  /// Blocks until the engine has shut down.
  /// @throws std::logic_error in a handler or in another function on a reactor or a worker
  void wait();

  /// Starts the drain. Returns at once.
  void shutdown() noexcept;

  /// The TCP port that a started engine listens on; 0 for a Unix socket.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// The text that `run` prints once it has started: a line with the address; below it the number
  /// of threads of each kind, and where the options came from.
  [[nodiscard]] std::string banner() const;

  /// The actor system, to spawn actors in. Lives as long as the engine; actors that were given to
  /// routes are told to exit when the engine is destroyed. If the operating system gave too few
  /// threads or descriptors to make it, the call prints a line to standard error and ends the
  /// process with status 1.
  [[nodiscard]] caf::actor_system& system() noexcept;

  /// The router actor of one reactor of a started engine: answers `sake::request` with
  /// `sake::response`. Safe from any thread.
  /// @throws std::out_of_range if there is no such reactor
  [[nodiscard]] caf::actor router(std::size_t reactor = 0) const;

  /// The current workers of a started engine: of the pool named `pool`, or of the unnamed pool.
  /// Empty if there is no such pool. Safe from any thread.
  [[nodiscard]] std::vector<caf::actor> workers(std::string_view pool = {}) const;

  /// Sets the number of threads of the worker pool of a started engine, or of the pool named
  /// `pool`. Surplus workers finish their current task; their queued tasks go to other workers.
  /// Safe from any thread.
  ///
  /// @param workers  1 to 1024
  /// @returns the reason for a refusal: a number out of range, no such pool, or an engine that has
  ///          ended
  outcome resize_pool(std::size_t workers) { return resize_pool({}, workers); }
  outcome resize_pool(std::string_view pool, std::size_t workers);

  /// This node, and every other that it knows; empty before the start, and without `node.listen`
  /// and `node.join`. Ready for `ctx.json`. Safe from any thread.
  [[nodiscard]] std::vector<node_info> nodes() const;

  /// The name of this node: `node.name`, or the one in its place; empty as for `nodes`.
  [[nodiscard]] std::string node_name() const;

  /// Calls `hears` whenever another node joins, is suspected, recovers, leaves or dies, on the
  /// first reactor, which it must not hold. Before the start.
  /// @throws std::invalid_argument if `hears` is empty
  /// @throws std::logic_error after the start
  void on_node_event(std::function<void(const node_event&)> hears);

private:
  explicit engine(std::unique_ptr<engine_state> made);

  std::unique_ptr<engine_state> state_;
};

} // namespace sake
