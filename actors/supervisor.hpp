// What restarts the actors that one route, or several with one handler, spawned.
#pragma once

#include <sake/actors/failed_request.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/reactor_actor.hpp>
#include <sake/actors/route_state.hpp>
#include <sake/actors/spawned.hpp>
#include <sake/actors/supervised_actor.hpp>
#include <sake/http/request.hpp>
#include <sake/routing/route_map.hpp>

#include <caf/error.hpp>

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sake::actors {

/// Answers for the actors that one route spawned, one for one: hears when one ends, makes another,
/// and keeps requests meanwhile. Is sent requests with a return address.
class supervisor : public reactor_actor {
public:
  /// Requests that may wait for the actors of a supervisor; past it 503 with Retry-After.
  static constexpr std::size_t most_waiting = 1000;

  ~supervisor() override;

  // -- for the actors that it answers for --------------------------------------------

  [[nodiscard]] const supervision& bounds() const noexcept { return plan_.actors.supervision; }
  [[nodiscard]] const std::string& route() const noexcept { return plan_.title; }

  /// Makes an actor, and has `supervised_actor::ended` told of its end.
  /// @throws what the constructor of a user's class throws
  [[nodiscard]] caf::strong_actor_ptr make_actor(std::string_view key);

  /// Requests may go to `actor` from now on; null: there is none, and they come here.
  virtual void direct(const caf::strong_actor_ptr& actor) { (void)actor; }

  /// Counts one more request that waits; false when there are too many.
  [[nodiscard]] bool begin_wait() noexcept;
  void end_wait(std::size_t requests) noexcept { waiting_ -= requests; }

  /// Tells that an actor has failed.
  void log_failure(std::string_view key, std::string_view why,
                   const std::optional<failed_request>& at,
                   std::initializer_list<log_field> more = {}) const;

  /// Answers 503 with Retry-After.
  void refuse(const caf::mailbox_element& request, std::chrono::seconds retry_after);

protected:
  supervisor(caf::actor_config& cfg, actors::reactor& home, const detail::actor_factory& factory,
             const routing::plan& plan, route_state& state);

  /// The route whose actors they are.
  [[nodiscard]] route_state& state() const noexcept { return state_; }

  [[nodiscard]] const routing::actor_use& use() const noexcept { return plan_.actors; }

  /// Which actor is to answer; null when there are too many already.
  virtual supervised_actor* find(const http::request& request) = 0;
  /// The actor that `make_actor` was called for; null when it has been let go.
  virtual supervised_actor* find_known(std::string_view key) = 0;
  /// Lets go of all actors, at the end of the shard.
  virtual void end_actors() = 0;

private:
  struct ear;

  void hear_end(const std::string& key, caf::actor_id who, const caf::error& reason,
                const std::optional<failed_request>& at);
  void receive(caf::mailbox_element_ptr& message) override;
  void on_exit() override;

  const detail::actor_factory& factory_;
  const routing::plan& plan_;
  route_state& state_;
  std::shared_ptr<ear> ear_;
  std::size_t waiting_ = 0;
};

} // namespace sake::actors
