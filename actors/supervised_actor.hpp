// One actor that a route spawned, and those that take its place.
#pragma once

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/failed_request.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/restart_policy.hpp>

#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>
#include <caf/fwd.hpp>
#include <caf/mailbox_element.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::actors {

class supervisor;

/// How much an actor that a route spawned is used. Held by the address of every request that it has.
struct actor_usage {
  /// Requests that it, and those before it in its place, have begun with. Counts up where the actor
  /// runs, and wraps around.
  mutable std::atomic<std::uint32_t> begun{0};
};

/// The place of one actor that a route spawned: who is in it, how often one has failed, and the
/// requests that wait until there is another. Lives on the reactor of its supervisor.
class supervised_actor final : private deadline {
public:
  /// When an empty place is filled: as soon as may be, or for the next request.
  enum class filling : std::uint8_t { at_once, at_request };

  /// @param key  empty where the route has one actor for all requests
  /// @param begun  where requests are counted that actors begin with; null: by this itself, when it
  ///               is handed them
  supervised_actor(supervisor& by, std::string key, filling when,
                   std::atomic<std::uint32_t>* begun = nullptr);
  /// Lets go of the actor, which is told to exit behind the messages that it has. What waits is
  /// refused.
  ~supervised_actor() override;

  [[nodiscard]] std::string_view key() const noexcept { return key_; }
  /// Who is in the place, or null.
  [[nodiscard]] const caf::strong_actor_ptr& actor() const noexcept { return actor_; }

  /// Whether it has requests that are not answered, or that somebody may still answer.
  [[nodiscard]] bool is_in_use() const noexcept { return in_use_.use_count() > 1; }

  /// Fills the place, unless somebody is in it, or it has to stay empty for a while.
  void fill();

  /// Hands a request to the actor; or keeps it until there is one; or refuses it: 503 with
  /// Retry-After.
  void take(caf::mailbox_element_ptr request);

  /// The actor with this id has ended.
  /// @param at  the request at which it has failed
  /// @returns false when it was not in this place any more
  bool ended(caf::actor_id who, const caf::error& reason, const std::optional<failed_request>& at);

  /// Tells the actor to exit, and refuses what waits. The place is not used again.
  void shut_down();

private:
  enum class state : std::uint8_t {
    empty,      ///< may be filled
    filled,     ///< `actor_` is there
    resting,    ///< may be filled at `until_`; requests wait
    quarantined ///< may be filled at `until_`; requests are refused
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
  void log_state(log_level level, std::string_view what,
                 std::initializer_list<log_field> more = {}) const;

  supervisor& by_;
  std::string key_;
  filling when_;
  state state_ = state::empty;
  time_point until_{};
  restart_policy policy_;
  caf::strong_actor_ptr actor_;
  /// The same, where it has a mailbox of the usual kind.
  caf::scheduled_actor* scheduled_ = nullptr;
  std::vector<caf::mailbox_element_ptr> waiting_;
  std::shared_ptr<const actor_usage> in_use_ = std::make_shared<const actor_usage>();
  std::atomic<std::uint32_t>& begun_;
  /// What it was when the actor came.
  std::uint32_t begun_before_ = 0;
};

} // namespace sake::actors
