// An engine without sockets, threads or time of its own, for tests.
#pragma once

#include "../../actors/reactor/messages.hpp"
#include "../../routing/context.hpp"
#include "../config/config.hpp"
#include "failure.hpp"
#include "probe.hpp"
#include "request.hpp"
#include "response.hpp"
#include "test_runtime.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sake::testing {

/// A request in progress, on a connection of its own.
class pending_response {
public:
  /// Whether the response is complete. Neither runs anything nor lets time pass.
  [[nodiscard]] bool is_ready();
  /// Returns the response, pieces already read included. Runs until it is complete, and lets time
  /// pass as far as needed: up to a day until it begins, then up to an hour, or 64 MiB of content
  /// of unannounced length. Call it once, as the last call.
  /// @throws failure if no response comes, or if it does not end
  response take();

  // -- slow and endless responses -------------------------------------------------------

  /// Returns the content that has come since the last call: one write of the handler, if it waits
  /// between writes. Runs until there is some, and lets time pass as far as needed, up to an hour.
  /// @returns nothing at the end of the response
  /// @throws failure if neither content nor the end comes
  std::optional<std::string> next_piece();
  /// As `next_piece`, for the lines of one server-sent event of `event_stream`, without the empty
  /// line at its end. Drops an incomplete event at the end of the response, as browsers do.
  std::optional<std::string> next_event();
  /// The response so far: status, fields, and all content. Runs nothing.
  [[nodiscard]] const response& so_far() const noexcept;

  /// Resets the connection before the response is complete.
  void leave() { peer_.reset(); }
  [[nodiscard]] memory_peer& peer() noexcept { return peer_; }

private:
  friend class test_app;
  pending_response(test_runtime& on, const request& what);

  bool await_content(std::size_t more_than);
  [[nodiscard]] bool has_begun() const noexcept { return so_far().status() != 0; }
  [[nodiscard]] bool is_too_large() const noexcept;
  [[noreturn]] void give_up(std::string_view why_late);

  test_runtime* runtime_;
  memory_peer peer_;
  std::string title_;
  bool to_head_;
  response_reader reader_;
  std::optional<response> response_;
  /// Octets of the content already returned in pieces.
  std::size_t given_ = 0;
};

/// An engine without sockets, threads or time of its own, for tests: the functions that register
/// routes with an engine register them here, and calls make requests.
///
///     sake::testing::test_app app{add_routes};
///     CHECK(matches(app.get("/hello/you"), has_status(200), has_content("Hello, you!")));
///
/// Everything runs on the calling thread: the events and their order depend on the calls alone.
/// `get` and its like run until the response is complete; time passes only as far as needed.
/// Belongs to one thread.
class test_app {
public:
  /// The function of a program that registers its routes.
  using registration = std::function<void(route_group&)>;

  /// The first request throws `std::invalid_argument` if a route needs a pool that `options` does
  /// not declare: an engine would not start either.
  ///
  /// @param options  address, threads, signals and adaptive mode are ignored; pools take as many
  ///                 tasks as those of an engine
  /// @throws std::invalid_argument if `config::check` finds an error
  explicit test_app(const config& options = {}, std::size_t reactors = 1);
  explicit test_app(const registration& add_routes, const config& options = {},
                    std::size_t reactors = 1);

  /// The group to register routes in, before the first request.
  [[nodiscard]] route_group& routes() noexcept { return runtime_.routes(); }

  /// Registers observers, before the first request, as the members of `engine` do. The app keeps
  /// them to its end.
  void observe_access(std::function<std::unique_ptr<access_observer>(std::size_t reactor)> make) {
    runtime_.observers().add_access(std::move(make));
  }
  void observe_runtime(std::function<std::unique_ptr<runtime_observer>(std::size_t reactor)> make) {
    runtime_.observers().add_runtime(std::move(make));
  }

  // -- requests -----------------------------------------------------------------------

  response get(std::string_view target) { return ask(request{"GET", target}); }
  response head(std::string_view target) { return ask(request{"HEAD", target}); }
  response delete_(std::string_view target) { return ask(request{"DELETE", target}); }
  response post(std::string_view target, std::string content, std::string_view type = {}) {
    return ask(request{"POST", target}.content(std::move(content), type));
  }
  response put(std::string_view target, std::string content, std::string_view type = {}) {
    return ask(request{"PUT", target}.content(std::move(content), type));
  }
  response patch(std::string_view target, std::string content, std::string_view type = {}) {
    return ask(request{"PATCH", target}.content(std::move(content), type));
  }

  /// Sends a request on a connection of its own and returns the response: `send(what).take()`.
  response ask(const request& what) { return send(what).take(); }
  /// Sends a request on a connection of its own; runs nothing yet.
  pending_response send(const request& what) { return {runtime_, what}; }
  /// Opens a connection to send and receive octets on.
  [[nodiscard]] memory_peer connect() { return runtime_.connect(); }

  // -- running and time ---------------------------------------------------------------

  /// Handles one event; false if there was none.
  bool step() { return runtime_.step(); }
  /// Runs until nothing is left to do before time passes.
  void run() { runtime_.run(); }
  /// Lets time pass for deadlines, sleeps and CAF's delayed messages, and runs each when it is due.
  void advance(std::chrono::milliseconds by) { runtime_.advance(by); }

  // -- actors -------------------------------------------------------------------------

  [[nodiscard]] caf::actor_system& system() noexcept { return runtime_.system(); }

  /// Spawns an actor that ends with the app.
  template <class Behavior, class... Args>
  auto spawn(Behavior&& behavior, Args&&... args) {
    auto made = system().spawn(std::forward<Behavior>(behavior), std::forward<Args>(args)...);
    runtime_.end_later(caf::actor_cast<caf::strong_actor_ptr>(made));
    return made;
  }

  /// Spawns an actor that answers by functions, one per message type, and ends with the app.
  template <class... Functions>
  caf::actor stub(Functions... answers) {
    return spawn([answers...](caf::event_based_actor*) { return caf::behavior{answers...}; });
  }

  /// Sends a request to a handler actor, without router and middleware, and returns its response.
  /// Runs and lets time pass as `get` does.
  /// @throws failure if it answers with an error or another type, or not at all
  template <class Handle>
  response ask(const Handle& actor, const request& what) {
    return response{ask<http::response>(actor, what.value())};
  }

  /// Sends a message to an actor as a request, and returns its answer of type `Result`.
  template <class Result, class Handle, class... Ts>
  Result ask(const Handle& actor, Ts&&... message) {
    probe asking{runtime_};
    asking.request(actor, std::forward<Ts>(message)...);
    return asking.await_answer<Result>();
  }

  /// The test runtime below, for tests that choose the order of events.
  [[nodiscard]] testing::test_runtime& runtime() noexcept { return runtime_; }

private:
  testing::test_runtime runtime_;
};

} // namespace sake::testing
