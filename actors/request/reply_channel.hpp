// The sender of one request to an actor.
#pragma once

#include "../../http/request.hpp"
#include "../reactor/reactor_actor.hpp"
#include "failed_request.hpp"

#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace sake::actors {

struct actor_usage;

/// The sender of one request to a user's actor, in place of the connection. Only actors that may
/// answer refer to it. So when its last reference is released, no answer can come, and the reply
/// handler is informed at once: after a dropped promise, or the end of an actor that holds some.
/// Also records whether an actor has begun the request.
///
/// Ends with the answer, or when it is closed.
class reply_channel final : public reactor_actor {
public:
  /// The receiver of the answer. Called on the reactor: `returned` any number of times, then
  /// exactly one of the others, unless the channel is closed first.
  class reply_handler {
  public:
    /// The answer is not an error.
    virtual void answered(caf::mailbox_element& answer) = 0;
    virtual void failed(const caf::error& reason) = 0;
    /// The actor ended before it began the request, so the request may be sent again.
    virtual void returned(reply_channel& from) = 0;
    /// No actor can answer any more.
    virtual void abandoned() = 0;

  protected:
    ~reply_handler() = default;
  };

  /// @param whom  kept until the channel has closed, and the last call has returned
  reply_channel(caf::actor_config& cfg, actors::reactor& home, std::shared_ptr<reply_handler> whom)
      : reactor_actor(cfg, home), reply_handler_(std::move(whom)) {}
  ~reply_channel() override;
  const char* name() const override { return "sake.reply_channel"; }

  /// Returns `request` in a message that is answered to this channel and records here when an actor
  /// begins it. On the reactor.
  /// @param is_urgent  whether the request precedes waiting messages in a mailbox
  [[nodiscard]] caf::mailbox_element_ptr address(http::request request, bool is_urgent = false);

  /// Closes the channel: the answer is not wanted any more. On the reactor.
  /// @returns whether the reply handler still waited; it is not called any more
  bool close() noexcept;

  /// Counts in `begun` each time that an actor begins the request. On the reactor, before the
  /// request is sent.
  /// @param begun  must outlive the channel
  void count_begun(std::atomic<std::uint32_t>& begun) noexcept { begun_count_ = &begun; }

  /// Keeps the request counted in `in_flight` as long as an actor has it, as it cannot be taken
  /// back. On the reactor, by the owner of the count.
  void stay_counted(std::atomic<std::uint32_t>& in_flight) noexcept { counted_ = &in_flight; }

private:
  friend class tracked_request;

  void receive(caf::mailbox_element_ptr& message) override;

  std::shared_ptr<reply_handler> reply_handler_;
  /// Whether an actor has begun the request. Written where the actor runs.
  std::atomic<bool> begun_{false};
  /// Decremented when the channel is destroyed; null for none.
  std::atomic<std::uint32_t>* counted_ = nullptr;
  std::shared_ptr<const actor_usage> in_use_;
  std::atomic<std::uint32_t>* begun_count_ = nullptr;
};

/// A request sent by a reply channel.
class tracked_request final : public caf::mailbox_element,
                              caf::detail::tuple_vals_impl<caf::type_erased_tuple, http::request> {
public:
  /// The request, without beginning it.
  [[nodiscard]] const http::request& request() const noexcept { return std::get<0>(this->data()); }
  /// Returns whether the answer is still awaited. Safe from any thread.
  [[nodiscard]] bool is_awaited() const noexcept {
    return !address_->getf(caf::abstract_actor::is_terminated_flag);
  }

  /// Holds `in_use` as long as the request may be answered. On the reactor, before the request is
  /// sent.
  void keep(std::shared_ptr<const actor_usage> in_use) noexcept {
    address_->in_use_ = std::move(in_use);
  }
  /// See `reply_channel::count_begun`.
  void count_begun(std::atomic<std::uint32_t>& begun) noexcept { address_->count_begun(begun); }
  /// Lets CAF skip the request when its turn comes, if it is cancelled by then. For actors that CAF
  /// schedules. Must be called before the request is sent.
  void drop_when_cancelled() noexcept { drops_cancelled_ = true; }

  // -- failures of the actor -------------------------------------------------------

  /// If the actor fails at the request, its supervisor logs the failure, and the caller does not.
  /// Must be called before the request is sent.
  void have_failure_told(request_origin origin) noexcept { origin_ = origin; }
  /// Records that the actor has failed at the request, for the caller. Must be called before the
  /// actor ends.
  /// @returns the data for the supervisor's log; empty without `have_failure_told`
  [[nodiscard]] std::optional<failed_request> to_fail() const;

  // -- mailbox_element: CAF looks at the content only to handle it ----------------

  caf::type_erased_tuple& content() override;
  const caf::type_erased_tuple& content() const override {
    return const_cast<tracked_request*>(this)->content();
  }
  caf::message move_content_to_message() override { return copy_content_to_message(); }
  caf::message copy_content_to_message() const override;

private:
  friend class reply_channel;
  tracked_request(reply_channel& to, http::request what, bool is_urgent);
  void begin() const noexcept;

  /// The channel. The sender keeps it alive, but an actor that handles the request may take the
  /// sender away.
  mutable reply_channel* address_;
  request_origin origin_;
  bool drops_cancelled_ = false;
};

/// Returns the tracked request in `message`, or null.
[[nodiscard]] inline tracked_request* tracked(caf::mailbox_element& message) noexcept {
  return typeid(message) == typeid(tracked_request) ? static_cast<tracked_request*>(&message)
                                                    : nullptr;
}

} // namespace sake::actors
