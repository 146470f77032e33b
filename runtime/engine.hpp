// The engine: routes, middleware and the runtime that serves them.
#pragma once

#include <sake/routing/context.hpp>
#include <sake/routing/group.hpp>
#include <sake/runtime/config.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caf {
class actor_system;
class actor;
} // namespace caf

namespace sake {

/// Owns routes, middleware and the runtime that serves them. Routes are registered first, by the
/// members of `route_group`; then `run` serves until a signal or `shutdown`.
///
///     sake::engine app;
///     app.get("/hello/:name", [](sake::context& ctx) {
///       ctx.string(200, "Hello, " + std::string{ctx.param("name")});
///     });
///     return app.run(":8080");
///
/// Destroying an engine shuts it down. Registration, `run`, `start` and destruction belong to one
/// thread; `shutdown` is safe from any.
///
/// An engine belongs to the process that made it: after fork(2) a child may run another program or
/// make an engine of its own, but `start` refuses one that its parent has made. std::exit in a
/// handler ends the process at once.
class engine : public route_group {
public:
  engine();
  explicit engine(config options);
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  ~engine();

  /// Serves at `where` (see `config::with_address`) until SIGTERM, SIGINT or `shutdown`, then
  /// drains: stops accepting, answers what is in flight with `Connection: close`, and returns
  /// within the drain deadline. A second signal ends it at once.
  ///
  /// @returns the exit status of the process: 0, or 1 when it could not start; why stands on
  ///          standard error
  int run(std::string_view where);
  int run();

  /// What came of something that may fail.
  struct [[nodiscard]] outcome {
    /// Why it failed, in one line for each reason; empty when it did not.
    std::string error;
    explicit operator bool() const noexcept { return error.empty(); }
  };

  /// Begins to serve and returns. Once for an engine.
  outcome start(std::string_view where);
  outcome start();

  /// Blocks until the engine has shut down.
  void wait();

  /// Begins to drain. Returns at once.
  void shutdown() noexcept;

  /// The TCP port that a started engine listens on; 0 for a Unix socket.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// What `run` prints once it has started: a line that says where it listens; below it on how many
  /// threads of which kind, and where its options came from.
  [[nodiscard]] std::string banner() const;

  /// The actor system, to spawn actors in. Lives as long as the engine; an actor that was given
  /// to a route is told to exit when the engine is destroyed. Where the operating system gave too
  /// few threads or descriptors for one, writes a line to standard error and ends the process with
  /// status 1.
  [[nodiscard]] caf::actor_system& system() noexcept;

  /// The router actor of a reactor of a started engine: answers `sake::request` with
  /// `sake::response`. Safe from any thread.
  [[nodiscard]] caf::actor router(std::size_t reactor = 0) const;

  /// The workers of a started engine as they are now, of the pool of that name or the one without;
  /// none where there is no such pool. Safe from any thread.
  [[nodiscard]] std::vector<caf::actor> workers(std::string_view pool = {}) const;

  /// Has the worker pool of a started engine, or the one named `pool`, work with so many threads
  /// from now on. Where they are fewer than before, those that are too many finish what they run,
  /// and what waits for them goes to others. Safe from any thread.
  ///
  /// @param workers  1 to 1024
  /// @returns why not: a number out of range, a pool that is not there
  outcome resize_pool(std::size_t workers) { return resize_pool({}, workers); }
  outcome resize_pool(std::string_view pool, std::size_t workers);

private:
  struct state;
  explicit engine(std::unique_ptr<state> made);

  std::unique_ptr<state> state_;
};

} // namespace sake
