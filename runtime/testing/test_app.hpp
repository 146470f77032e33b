// An engine without sockets, threads or time of its own, for tests.
#pragma once

#include <sake/actors/messages.hpp>
#include <sake/routing/context.hpp>
#include <sake/runtime/config.hpp>
#include <sake/testing/failure.hpp>
#include <sake/testing/probe.hpp>
#include <sake/testing/request.hpp>
#include <sake/testing/response.hpp>
#include <sake/testing/stage.hpp>

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

/// A request on its way, on a connection of its own.
class pending_response {
public:
  /// Whether the response is there. Neither runs anything nor lets time pass.
  [[nodiscard]] bool is_ready();
  /// The response, with what was read of it in pieces. Runs until it is there, and lets time pass
  /// as far as that takes: up to a day until it begins, then up to an hour, or 64 MiB of content
  /// whose length nobody announced. Once, and the last thing.
  /// @throws failure when none comes, or when it does not end
  response take();

  // -- a response that takes its time, or has no end ------------------------------------

  /// The content that has come since the last call: one write of the handler, where it waits
  /// between them. Runs until there is some, and lets time pass as far as that takes, up to an
  /// hour.
  /// @returns nothing at the end of the response
  /// @throws failure when there is neither
  std::optional<std::string> next_piece();
  /// The same for the lines of one server-sent event, as `event_stream` sends it, without the empty
  /// line at its end. A rest at the end of the response is dropped, as browsers do.
  std::optional<std::string> next_event();
  /// What has come: status, fields, and all content. Runs nothing.
  [[nodiscard]] const response& so_far() const noexcept;

  /// The client goes away without its response.
  void leave() { peer_.reset(); }
  /// The connection.
  [[nodiscard]] memory_peer& peer() noexcept { return peer_; }

private:
  friend class test_app;
  pending_response(stage& on, const request& what);

  bool await_content(std::size_t more_than);
  [[nodiscard]] bool has_begun() const noexcept { return so_far().status() != 0; }
  [[nodiscard]] bool is_too_large() const noexcept;
  [[noreturn]] void give_up(std::string_view why_late);

  stage* stage_;
  memory_peer peer_;
  std::string title_;
  bool to_head_;
  response_reader reader_;
  std::optional<response> response_;
  /// Octets of the content that were given in pieces.
  std::size_t given_ = 0;
};

/// An engine without sockets, threads or time of its own: routes are registered by the functions
/// that register them with an engine, and requests are made by calls.
///
///     sake::testing::test_app app{add_routes};
///     CHECK(matches(app.get("/hello/you"), has_status(200), has_content("Hello, you!")));
///
/// Everything runs on the thread that calls: what happens, and in which order, depends on the calls
/// alone. `get` and its like run until the response is there; time passes only as far as that
/// takes. Belongs to one thread.
class test_app {
public:
  /// Registers routes: what a program has for its engine.
  using registration = std::function<void(route_group&)>;

  /// The first request throws `std::invalid_argument` for a route that is to run on a pool which
  /// `options` does not declare: no engine would start with it.
  ///
  /// @param options  what a test app has no use for (address, threads, signals, adaptive mode) is
  ///                 ignored; pools take as many tasks as theirs would
  /// @throws std::invalid_argument when `config::check` finds something wrong
  explicit test_app(const config& options = {}, std::size_t reactors = 1);
  explicit test_app(const registration& add_routes, const config& options = {},
                    std::size_t reactors = 1);

  /// Where routes are registered, before the first request.
  [[nodiscard]] route_group& routes() noexcept { return stage_.routes(); }

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

  /// Sends a request over a connection of its own and gives its response: `send(what).take()`.
  response ask(const request& what) { return send(what).take(); }
  /// Sends a request over a connection of its own; runs nothing yet.
  pending_response send(const request& what) { return {stage_, what}; }
  /// A connection to send octets on, and to read them from.
  [[nodiscard]] memory_peer connect() { return stage_.connect(); }

  // -- running and time ---------------------------------------------------------------

  /// Handles one thing; false when there was none.
  bool step() { return stage_.step(); }
  /// Runs until nothing is left to do before time passes.
  void run() { stage_.run(); }
  /// Lets time pass, for deadlines, sleeps and CAF's delayed messages alike, and runs whatever is
  /// due, when it is due.
  void advance(std::chrono::milliseconds by) { stage_.advance(by); }

  // -- actors -------------------------------------------------------------------------

  [[nodiscard]] caf::actor_system& system() noexcept { return stage_.system(); }

  /// Spawns an actor that ends with the app.
  template <class Behavior, class... Args>
  auto spawn(Behavior&& behavior, Args&&... args) {
    auto made = system().spawn(std::forward<Behavior>(behavior), std::forward<Args>(args)...);
    stage_.end_later(caf::actor_cast<caf::strong_actor_ptr>(made));
    return made;
  }

  /// An actor that answers by functions, one for each type of message, and ends with the app.
  template <class... Functions>
  caf::actor stub(Functions... answers) {
    return spawn([answers...](caf::event_based_actor*) { return caf::behavior{answers...}; });
  }

  /// Sends a request to a handler actor, without router and middleware, and gives its response.
  /// Runs and lets time pass as `get` does.
  /// @throws failure when it answers with an error, with something else, or not at all
  template <class Handle>
  response ask(const Handle& actor, const request& what) {
    return response{ask<http::response>(actor, what.value())};
  }

  /// Sends a message to an actor as a request, and gives its answer of type `Result`.
  template <class Result, class Handle, class... Ts>
  Result ask(const Handle& actor, Ts&&... message) {
    probe asking{stage_};
    asking.request(actor, std::forward<Ts>(message)...);
    return asking.await_answer<Result>();
  }

  /// What is below: for tests that choose what comes next.
  [[nodiscard]] testing::stage& stage() noexcept { return stage_; }

private:
  testing::stage stage_;
};

} // namespace sake::testing
