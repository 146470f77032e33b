// One actor that a route spawned, and its successors.
#pragma once

#include "../reactor/deadline_wheel.hpp"
#include "../reactor/log.hpp"
#include "../reactor/runtime_observer.hpp"
#include "../request/failed_request.hpp"
#include "restart_policy.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>
#include <caf/fwd.hpp>
#include <caf/mailbox_element.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::routing {
struct endpoint;
} // namespace sake::routing

namespace sake::actors {

class reactor;

/// The usage of an actor that a route spawned. Held by the reply channel of each of its requests.
struct actor_usage {
  /// Requests begun by the actor and its predecessors. Incremented where the actor runs; wraps
  /// around.
  mutable std::atomic<std::uint32_t> begun{0};
};

/// The place of one actor that a route spawned: the current actor, its restart policy, and the
/// requests that wait for the next actor. Lives on the reactor of its supervisor.
class child final : private deadline {
public:
  /// The supervisor, as its children see it.
  class owner {
  public:
    /// Makes an actor for the child with that key; `child::ended` must be called when the actor
    /// ends.
    /// @throws any exception of the constructor of a user's class
    [[nodiscard]] virtual caf::strong_actor_ptr make_actor(std::string_view key) = 0;

    /// Directs requests to `actor` from now on; null: there is none, and requests come to the
    /// supervisor.
    virtual void direct(const caf::strong_actor_ptr& actor) = 0;

    /// Counts one more waiting request; returns false when there are too many.
    [[nodiscard]] virtual bool begin_wait() noexcept = 0;
    virtual void end_wait(std::size_t requests) noexcept = 0;

    /// Logs that an actor has failed, and tells observers.
    virtual void report_failure(std::string_view key, std::string_view why,
                                const std::optional<failed_request>& at,
                                std::initializer_list<log_field> more) const = 0;

    /// The observers of the reactor.
    [[nodiscard]] virtual const runtime_observers& observers() const noexcept = 0;

  protected:
    ~owner() = default;
  };

  /// When an empty place gets an actor: as soon as allowed, or at the next request.
  enum class start_mode : std::uint8_t { at_once, at_request };

  /// @param endpoint  that of the route
  /// @param key  empty if the route has one actor for all requests
  /// @param begun  counts the requests that actors begin; null: the child counts in its own usage
  child(owner& by, reactor& home, const routing::endpoint& endpoint, std::string key,
        start_mode when, std::atomic<std::uint32_t>* begun = nullptr);
  /// Tells the actor to exit after the messages in its mailbox, and refuses waiting requests.
  ~child() override;

  [[nodiscard]] std::string_view key() const noexcept { return key_; }
  /// The current actor, or null.
  [[nodiscard]] const caf::strong_actor_ptr& actor() const noexcept { return actor_; }

  /// Returns whether it has requests that may still be answered.
  [[nodiscard]] bool is_in_use() const noexcept { return in_use_.use_count() > 1; }

  /// Makes an actor, unless there is one, or the place must stay empty for a while.
  void fill();

  /// Passes a request to the actor; or keeps it until there is one; or refuses it: 503 with
  /// Retry-After.
  void take(caf::mailbox_element_ptr request);

  /// Called when the actor with this id has ended.
  /// @param at  the request at which the actor failed
  /// @returns false when that actor was not in this place any more
  bool ended(caf::actor_id who, const caf::error& reason, const std::optional<failed_request>& at);

  /// Tells the actor to exit and refuses waiting requests. Terminal.
  void shut_down();

private:
  enum class state : std::uint8_t {
    empty,       ///< may get an actor
    filled,      ///< `actor_` is set
    backing_off, ///< may get an actor at `until_`; requests wait
    quarantined  ///< may get an actor at `until_`; requests are refused
  };

  void try_fill();
  void failed(std::string_view why, const std::optional<failed_request>& at = {});
  void expired(time_point now) override;
  [[nodiscard]] bool is_ending() const noexcept;
  void keep(caf::mailbox_element_ptr request);
  void forget_cancelled();
  void send_waiting();
  void refuse_waiting();
  void refuse(const caf::mailbox_element& request);
  [[nodiscard]] std::int64_t seconds_left() const noexcept;
  void tell_filled();
  void log_state(log_level level, std::string_view what,
                 std::initializer_list<log_field> more = {}) const;

  owner& by_;
  reactor& home_;
  const routing::endpoint& endpoint_;
  std::string key_;
  start_mode when_;
  state state_ = state::empty;
  time_point until_{};
  /// The delay before the actor that is made next; empty if the last one has not failed.
  std::optional<std::chrono::nanoseconds> back_off_;
  restart_policy policy_;
  caf::strong_actor_ptr actor_;
  /// The same actor, if CAF schedules it; else null.
  caf::scheduled_actor* scheduled_ = nullptr;
  std::vector<caf::mailbox_element_ptr> waiting_;
  std::shared_ptr<const actor_usage> in_use_ = std::make_shared<const actor_usage>();
  std::atomic<std::uint32_t>& begun_;
  /// The value of `begun_` when the actor was made.
  std::uint32_t begun_before_ = 0;
};

/// Answers a request with 503 and Retry-After.
void refuse_request(const caf::mailbox_element& request, std::chrono::seconds retry_after,
                    reactor& home);

} // namespace sake::actors
