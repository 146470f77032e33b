// Restarts the actors that one route, or several with one handler, spawned.
#pragma once

#include "../../http/request.hpp"
#include "../../routing/route_map.hpp"
#include "../reactor/deadline_wheel.hpp"
#include "../reactor/log.hpp"
#include "../reactor/reactor_actor.hpp"
#include "../reactor/runtime_observer.hpp"
#include "../request/failed_request.hpp"
#include "child.hpp"
#include "detail/actor_factory.hpp"
#include "detail/keyed_hash.hpp"
#include "route_actors.hpp"

#include <caf/error.hpp>

#include <cstddef>
#include <initializer_list>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sake::actors {

/// The supervisor of the actors that one route spawned, one for one: when an actor ends, it makes a
/// successor, and keeps requests until then. Receives tracked requests.
///
/// A route with one actor for all requests has one supervisor. Each shard sends requests directly
/// to the actor (`route_actors::answering`), or to the supervisor while there is no actor.
///
/// A keyed route has one supervisor per shard, each for its share of the keys. It passes each
/// request to the actor of its key, which it spawns at the first request. An actor that got no
/// request for a while, and has none open, is told to exit; so a key has one actor at a time. If
/// there are too many actors, an unused one is released; if the search, which is bounded, finds
/// none, the request is refused, and the search continues at the next one. The record of an actor's
/// failures is released with the actor.
class supervisor final : public reactor_actor, private child::owner, private deadline {
public:
  /// Requests that may wait for the actors of a supervisor; further ones get 503 with Retry-After.
  static constexpr std::size_t max_waiting = 1000;

  /// @param observers  the observers of `home`
  /// @param endpoint  that of the first route
  supervisor(caf::actor_config& cfg, actors::reactor& home, const runtime_observers& observers,
             const detail::actor_factory& factory, const routing::endpoint& endpoint,
             route_actors& own);
  ~supervisor() override;
  const char* name() const override { return "sake.supervisor"; }

  /// With an actor for all requests: serves one more shard, which learns where to send them. Must
  /// be called before the reactor of the shard runs, in the order of the reactors.
  void serve(actors::reactor& shard);

private:
  /// The actor of a key.
  struct entry {
    entry(supervisor& by, std::string_view key, child::start_mode when, time_point now);
    sake::actors::child child;
    time_point asked;
  };
  using entries = std::list<entry>;
  struct exit_listener;

  // -- for children -----------------------------------------------------------------
  caf::strong_actor_ptr make_actor(std::string_view key) override;
  void direct(const caf::strong_actor_ptr& actor) override;
  bool begin_wait() noexcept override;
  void end_wait(std::size_t requests) noexcept override { waiting_ -= requests; }
  void report_failure(std::string_view key, std::string_view why,
                      const std::optional<failed_request>& at,
                      std::initializer_list<log_field> more) const override;
  [[nodiscard]] const runtime_observers& observers() const noexcept override { return observers_; }

  // -- messages -----------------------------------------------------------------------
  void receive(caf::mailbox_element_ptr& message) override;
  void hear_end(const std::string& key, caf::actor_id who, const caf::error& reason,
                const std::optional<failed_request>& at);
  void on_exit() override;

  // -- children -----------------------------------------------------------------------
  [[nodiscard]] bool is_keyed() const noexcept;
  [[nodiscard]] caf::strong_actor_ptr answering(const caf::strong_actor_ptr& actor);
  /// Returns the child that answers; null when there are too many already.
  [[nodiscard]] child* find(const http::request& request);
  /// Returns null when the child has been released.
  [[nodiscard]] child* find_known(std::string_view key);
  child& add(std::string_view key, child::start_mode when, time_point now);
  void touch(entries::iterator which, time_point now);
  void release_last();
  [[nodiscard]] bool make_room(time_point now);
  void expired(time_point now) override;

  const runtime_observers& observers_;
  const detail::actor_factory& factory_;
  const routing::endpoint& endpoint_;
  route_actors& own_;
  std::shared_ptr<exit_listener> listener_;
  std::size_t waiting_ = 0;
  /// With an actor for all requests: the reactors of the shards served.
  std::vector<actors::reactor*> shards_;
  /// The most recently used first.
  entries entries_;
  std::unordered_map<std::string_view, entries::iterator, detail::keyed_hash> by_key_;
};

} // namespace sake::actors
