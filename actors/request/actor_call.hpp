// The call of an actor that answers in place of a handler.
#pragma once

#include "../../http/request.hpp"
#include "../../http/response.hpp"
#include "failed_request.hpp"
#include "permit.hpp"
#include "reply_channel.hpp"
#include "running_request.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>

namespace sake::actors {

class reactor;

/// How an actor is called.
struct actor_call_options {
  /// Gets the request if the actor ends before it has begun it; null: there is none.
  caf::strong_actor_ptr supervisor{};
  /// See `reply_channel::count_begun`; null: the supervisor sets it.
  std::atomic<std::uint32_t>* begun = nullptr;
  /// See `tracked_request::drop_when_cancelled`.
  bool drops_cancelled = false;
  /// Whether the actor exists for this request alone: if the call is cancelled, the actor is told
  /// to exit.
  bool is_own = false;
};

/// The reference to its caller that a call holds while it is under way.
using owed_reference = running_request::pointer;

/// The call of an actor that answers in place of a handler: sends the request to the actor, and
/// informs its caller of the result once. One call at a time. Belongs to the reactor of the caller.
class actor_call final : private reply_channel::reply_handler {
public:
  /// The caller. Each result of a call gives the reference back that the call has held.
  class caller {
  public:
    [[nodiscard]] virtual reactor& call_home() noexcept = 0;
    /// Returns the request for the actor, which may change it, and its origin for the log.
    [[nodiscard]] virtual http::request request_to_send() = 0;
    [[nodiscard]] virtual request_origin origin() const noexcept = 0;
    /// Returns whether the request precedes waiting messages in a mailbox.
    [[nodiscard]] virtual bool is_urgent() const noexcept = 0;

    [[nodiscard]] virtual owed_reference call_begun() = 0;
    /// The call has thrown before the actor had the request.
    virtual void call_refused(owed_reference owed) noexcept = 0;
    virtual void on_answer(http::response answer, owed_reference owed) noexcept = 0;
    /// @param why  empty: a supervisor has logged the reason
    virtual void on_failure(std::optional<std::string> why, owed_reference owed) noexcept = 0;
    /// Every actor ended before it began the request.
    virtual void on_exhausted(owed_reference owed) noexcept = 0;
    /// The request could not be passed on. The call continues until the caller cancels it.
    virtual void on_broken(const std::exception_ptr& why) noexcept = 0;

  protected:
    ~caller() = default;
  };

  explicit actor_call(caller& by) noexcept : caller_(by) {}
  actor_call(const actor_call&) = delete;
  actor_call& operator=(const actor_call&) = delete;

  /// Sends the request.
  /// @throws any exception of copying the values that middleware has set, or of the actor's own
  ///         `enqueue`; the call has then ended
  void begin(const caf::strong_actor_ptr& whom, const actor_call_options& options);

  /// Cancels the call.
  /// @param in_flight  stays counted as long as the actor has the request
  /// @returns the reference of the call; null if there is none, or if it comes from another thread
  owed_reference call_off(permit& in_flight) noexcept;

private:
  void answered(caf::mailbox_element& answer) override;
  void failed(const caf::error& reason) override;
  void returned(reply_channel& from) override;
  void abandoned() override;
  void end() noexcept;
  template <class Why>
  void fail(Why why) noexcept;
  [[nodiscard]] caf::mailbox_element_ptr tracked_request_to(reply_channel& to);

  caller& caller_;
  /// Held from the beginning of a call to its end, which may come after it was called off.
  owed_reference owed_;
  /// The request that the actor has, to mark it as cancelled.
  http::request sent_{nullptr};
  /// Weak: only actors that may answer keep the channel alive.
  caf::weak_actor_ptr channel_;
  caf::strong_actor_ptr supervisor_;
  /// The actor to tell to exit; null unless it is this call's own.
  caf::weak_actor_ptr own_;
  int times_returned_ = 0;
  bool under_way_ = false;
};

} // namespace sake::actors
