#include "reply_channel.hpp"

#include "../reactor/detail/element.hpp"
#include "../reactor/detail/reject.hpp"
#include "../reactor/messages.hpp"

#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <limits>
#include <utility>

namespace sake::actors {

// -- the channel ----------------------------------------------------------------------

reply_channel::~reply_channel() {
  // On the thread that released the last reference.
  if (counted_ != nullptr)
    counted_->fetch_sub(1, std::memory_order_relaxed);
  if (reply_handler_ != nullptr)
    home().post([whom = std::move(reply_handler_)] { whom->abandoned(); });
}

caf::mailbox_element_ptr reply_channel::address(http::request request, bool is_urgent) {
  begun_.store(false, std::memory_order_relaxed);
  return caf::mailbox_element_ptr{new tracked_request(*this, std::move(request), is_urgent)};
}

bool reply_channel::close() noexcept {
  if (std::exchange(reply_handler_, nullptr) == nullptr)
    return false;
  cleanup(caf::exit_reason::normal, &home());
  return true;
}

void reply_channel::receive(caf::mailbox_element_ptr& message) {
  if (!message->mid.is_response()) {
    detail::reject(*message);
    return;
  }
  const auto whom = reply_handler_;
  if (whom == nullptr)
    return;
  auto* const reason = detail::value_of<caf::error>(*message);
  if (reason != nullptr && *reason == caf::sec::request_receiver_down
      && !begun_.load(std::memory_order_relaxed)) {
    whom->returned(*this);
    return;
  }
  close();
  if (reason != nullptr)
    whom->failed(*reason);
  else
    whom->answered(*message);
}

// -- the request ----------------------------------------------------------------------

namespace {

caf::message_id request_id(bool is_urgent) noexcept {
  const auto id = caf::make_message_id(1);
  return is_urgent ? id.with_high_priority() : id;
}

// A message that CAF drops silently: a receive timeout that is not set any more.
caf::type_erased_tuple& nothing_to_do() {
  static thread_local caf::detail::tuple_vals_impl<caf::type_erased_tuple, caf::timeout_msg> none{
      caf::timeout_msg{caf::atom("receive"), std::numeric_limits<std::uint64_t>::max()}};
  return none;
}

} // namespace

tracked_request::tracked_request(reply_channel& to, http::request what, bool is_urgent)
    : caf::mailbox_element(caf::strong_actor_ptr{to.ctrl()}, request_id(is_urgent), {}),
      caf::detail::tuple_vals_impl<caf::type_erased_tuple, http::request>(std::move(what)),
      address_(&to) {}

std::optional<failed_request> tracked_request::to_fail() const {
  if (origin_.endpoint == nullptr)
    return std::nullopt;
  request().data().failure_is_told.store(true, std::memory_order_relaxed);
  return failed_request{request(), origin_};
}

void tracked_request::begin() const noexcept {
  auto* const to = std::exchange(address_, nullptr);
  if (to == nullptr)
    return;
  to->begun_.store(true, std::memory_order_relaxed);
  if (to->begun_count_ != nullptr)
    to->begun_count_->fetch_add(1, std::memory_order_relaxed);
}

caf::type_erased_tuple& tracked_request::content() {
  if (drops_cancelled_ && address_ != nullptr && !is_awaited())
    return nothing_to_do();
  begin();
  return *this;
}

caf::message tracked_request::copy_content_to_message() const {
  begin();
  return caf::make_message(request());
}

} // namespace sake::actors
