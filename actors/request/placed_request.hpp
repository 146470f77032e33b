// A request with a handler that may run beside the reactor.
#pragma once

#include "../../routing/route_map.hpp"
#include "../workers/executor.hpp"
#include "../workers/route_load.hpp"
#include "node_dispatcher.hpp"
#include "route_admission.hpp"
#include "strand.hpp"
#include "worker_trip.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace sake::actors {

/// A request with a handler that runs at the place of its route: on the reactor, or at an executor.
/// Meets the limits of the route before the handler begins; sends the handler to its executor,
/// again after each of its waits, and takes the chain home when the handler is through.
///
/// The owner of the strand runs the chain:
///
/// | the chain                     | owner of the strand | next                                 |
/// |-------------------------------|---------------------|--------------------------------------|
/// | runs on its reactor           | the reactor         | a wait, a trip, or the end           |
/// | waits at home                 | none                | end of the wait, or early end: home  |
/// | is queued, or runs, elsewhere | the trip            | a wait, or the handler is through    |
/// | waits elsewhere               | none                | end of the wait: another trip; early |
/// |                               |                     | end: home                            |
/// | is on its way home            | the reactor         | runs on its reactor                  |
/// | waits for another node        | none                | its outcome, or early end: home      |
class placed_request : public worker_trip::traveller, private remote_run::caller {
public:
  [[nodiscard]] const routing::endpoint& endpoint() const noexcept final { return *endpoint_; }

  [[nodiscard]] bool in_worker_pool() const noexcept final { return executor::is_here(); }
  void resume_later(routing::waiter_ptr waiting) noexcept final;

protected:
  /// Both arguments must outlive the request.
  void begin_on_route(const routing::endpoint& endpoint, route_load& load) noexcept;
  /// The chain is over: the request no longer counts against the limits of its route.
  void leave_route() noexcept;
  /// Prepares the object for its next request.
  void forget_route() noexcept;

  [[nodiscard]] route_load& load() const noexcept { return *load_; }
  /// The permit of a request in flight, for an actor that goes on when the request is over.
  [[nodiscard]] permit& in_flight() noexcept { return admission_.in_flight(); }
  /// The time from the end of the request to its response; 0: no limit.
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept;

  // -- on the reactor -----------------------------------------------------------

  /// Chooses the place of the handler, at the last moment before the handler.
  /// @returns whether the handler may begin at once, on the reactor
  bool choose_place() noexcept;
  /// Begins the handler at its place, or refuses it, and lets the chain continue.
  void begin_handler();
  /// Refuses the handler if its limits would refuse it now, and lets the chain continue.
  /// @returns whether it was refused
  bool refuse_early();
  /// Whether `end_remote_run` must be called: another node has had the handler.
  [[nodiscard]] bool has_remote_outcome() const noexcept {
    return remote_ != nullptr && remote_->has_outcome();
  }
  /// Goes on with the outcome of a run on another node: its response, 502, or a run here.
  void end_remote_run();
  /// The outcome is not wanted any more.
  void call_off_remote_run() noexcept {
    if (remote_ != nullptr && remote_->is_wanted()) [[unlikely]]
      abandon_remote_run();
  }

  /// A handler that will not begin makes room for others.
  void make_room() noexcept;

  /// Whether the handler has the chain, at its executor, on the way there or waiting.
  [[nodiscard]] bool is_away() const noexcept { return is_away_; }
  /// The chain is on its reactor again.
  /// @returns whether it was away
  bool come_home() noexcept;

  strand strand_;

  /// The request came from another node, and must not be given to a third one. Set before the chain
  /// begins.
  bool is_from_node_ = false;
  /// What the other node has left for its response; empty: no limit.
  std::optional<std::chrono::milliseconds> time_left_;

private:
  [[nodiscard]] bool work_on() final;
  [[nodiscard]] bool is_dropped() const noexcept final;
  void left_by_executor() noexcept final;

  virtual void note_refused() noexcept = 0;
  virtual void note_lost() noexcept = 0;
  /// `context::read` gives this content from now on.
  virtual void read_from(std::shared_ptr<http::content_stream> content) = 0;

  // -- remote_run::caller -------------------------------------------------------
  [[nodiscard]] routing::remote_call remote_work() const final;
  [[nodiscard]] bool may_travel() const noexcept final { return values_travel(); }
  [[nodiscard]] bool is_idempotent() const noexcept final;
  void on_remote_outcome() noexcept final;
  void add_owner() noexcept final { add_reference(); }
  void drop_owner() noexcept final { drop_reference(); }

  void pass_on_stream();
  void abandon_remote_run() noexcept;
  void refuse(std::chrono::seconds retry_after, const executor* place);
  bool begin_at_other_node();
  void begin_here();
  bool begin_trip();
  void travel_again();
  [[nodiscard]] bool run_at_executor();
  [[nodiscard]] bool is_late() const noexcept;

  const routing::endpoint* endpoint_ = nullptr;
  route_load* load_ = nullptr;
  /// Where the handler runs, once it is chosen; null: on the reactor.
  executor* place_ = nullptr;
  /// When the handler must have begun at its executor, here or at another node.
  time_point begin_by_;
  std::atomic<bool> has_begun_{false};
  /// Written on the reactor.
  bool is_away_ = false;
  /// Made for the first run on another node, and kept for later ones.
  std::unique_ptr<remote_run> remote_;
  route_admission admission_;
};

} // namespace sake::actors
