// The address that one request is answered to.
#pragma once

#include <sake/actors/failed_request.hpp>
#include <sake/actors/reactor_actor.hpp>
#include <sake/http/request.hpp>

#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace sake::actors {

struct actor_usage;

/// The address that one request is answered to: the sender that a user's actor sees, in place of
/// the connection. Only whoever is to answer refers to it, so when the last reference goes, nobody
/// can answer any more, and that is told at once: a promise that is dropped, or the end of an actor
/// that holds some. It also knows whether an actor has begun with the request.
///
/// Ends when the answer is there, or nobody waits for it any more.
class return_address final : public reactor_actor {
public:
  /// Who waits for the answer. Told on the reactor: any number of times that the request came back,
  /// then exactly one of the others, unless the address is closed first.
  class addressee {
  public:
    /// Anything but an error.
    virtual void answered(caf::mailbox_element& answer) = 0;
    virtual void failed(const caf::error& reason) = 0;
    /// The actor has ended before it began with the request, so it may be sent anew.
    virtual void returned(return_address& from) = 0;
    /// Nobody can answer any more.
    virtual void abandoned() = 0;

  protected:
    ~addressee() = default;
  };

  return_address(caf::actor_config& cfg, actors::reactor& home, addressee& whom)
      : reactor_actor(cfg, home), addressee_(&whom) {}
  ~return_address() override;
  const char* name() const override { return "sake.return_address"; }

  /// `request` in a message that is answered to this address, and notes here when an actor begins
  /// with it. On the reactor.
  /// @param is_urgent  before what waits in a mailbox
  [[nodiscard]] caf::mailbox_element_ptr address(http::request request, bool is_urgent = false);

  /// Nobody waits for the answer any more. On the reactor.
  /// @returns whether somebody did, who is then told nothing more
  bool close() noexcept;

  /// Has every actor that begins with the request counted there. On the reactor, before it is sent.
  /// @param begun  outlives the address
  void count_begun(std::atomic<std::uint32_t>& begun) noexcept { begun_count_ = &begun; }

  /// Has the request count as in flight there for as long as an actor has it, which nobody can take
  /// back. On the reactor, by whoever has counted it.
  void stay_counted(std::atomic<std::uint32_t>& in_flight) noexcept { counted_ = &in_flight; }

private:
  friend class addressed_request;

  void receive(caf::mailbox_element_ptr& message) override;

  addressee* addressee_;
  /// Written where the actor runs.
  std::atomic<bool> begun_{false};
  /// What goes down by one with this address.
  std::atomic<std::uint32_t>* counted_ = nullptr;
  std::shared_ptr<const actor_usage> in_use_;
  std::atomic<std::uint32_t>* begun_count_ = nullptr;
};

/// A request whose sender is a return address.
class addressed_request final
    : public caf::mailbox_element,
      caf::detail::tuple_vals_impl<caf::type_erased_tuple, http::request> {
public:
  /// The request, looked at by somebody who does not handle it.
  [[nodiscard]] const http::request& request() const noexcept { return std::get<0>(this->data()); }
  /// Whether somebody waits for the answer still. Safe from any thread.
  [[nodiscard]] bool is_awaited() const noexcept {
    return !address_->getf(caf::abstract_actor::is_terminated_flag);
  }

  /// Holds `in_use` for as long as the request may be answered. On the reactor, before it is sent.
  void keep(std::shared_ptr<const actor_usage> in_use) noexcept {
    address_->in_use_ = std::move(in_use);
  }
  /// As `return_address::count_begun`.
  void count_begun(std::atomic<std::uint32_t>& begun) noexcept { address_->count_begun(begun); }
  /// Has CAF find nothing to do when the turn of the request comes and nobody waits for the answer
  /// any more. For actors that CAF schedules, before it is sent.
  void drop_when_cancelled() noexcept { drops_cancelled_ = true; }

  // -- the failure of the actor ----------------------------------------------------

  /// Where the actor fails at the request, its supervisor tells the log, and whoever waits for the
  /// answer does not. Before it is sent.
  void have_failure_told(request_origin origin) noexcept { origin_ = origin; }
  /// The actor fails at it: has whoever waits for the answer find that so. Before the actor ends.
  /// @returns what its supervisor tells; empty where nobody wanted that
  [[nodiscard]] std::optional<failed_request> to_fail() const;

  // -- mailbox_element: CAF looks at the content only to handle it ----------------

  caf::type_erased_tuple& content() override;
  const caf::type_erased_tuple& content() const override {
    return const_cast<addressed_request*>(this)->content();
  }
  caf::message move_content_to_message() override { return copy_content_to_message(); }
  caf::message copy_content_to_message() const override;

private:
  friend class return_address;
  addressed_request(return_address& to, http::request what, bool is_urgent);
  void begin() const noexcept;

  /// Kept alive by the sender, which whoever handles the request may take away.
  mutable return_address* address_;
  request_origin origin_;
  bool drops_cancelled_ = false;
};

/// The request in `message` when it has a return address, else null.
[[nodiscard]] inline addressed_request* addressed(caf::mailbox_element& message) noexcept {
  return typeid(message) == typeid(addressed_request) ? static_cast<addressed_request*>(&message)
                                                      : nullptr;
}

} // namespace sake::actors
