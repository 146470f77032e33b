// How an exchange waits for the actor that stands for its handler.

#include <sake/actors/detail/element.hpp>
#include <sake/actors/detail/failure.hpp>
#include <sake/actors/exchange.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/messages.hpp>

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <chrono>
#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

namespace sake::actors {

namespace {

// Actors in a row that may give a request back. Many do where many requests wait for one that fails
// often; but one that quits at once, which is no failure, would be followed by another for ever.
constexpr int most_returns = 1000;

// Where memory is short the actor stays, until nobody refers to it.
void tell_to_exit(const caf::strong_actor_ptr& whom, reactor& here) noexcept {
  try {
    whom->enqueue(nullptr, caf::make_message_id(),
                  caf::make_message(
                      caf::exit_msg{whom->get()->address(), caf::exit_reason::user_shutdown}),
                  &here);
  } catch (const std::bad_alloc&) {
  }
}

} // namespace

void exchange::delegation::begin(const caf::strong_actor_ptr& whom,
                                 caf::strong_actor_ptr supervisor,
                                 std::atomic<std::uint32_t>* begun, bool drops_cancelled) {
  auto& reactor = owner_.shard_->reactor();
  copy_request();
  const auto address = spawn_on<return_address>(reactor, *this);
  address_.reset(address.get());
  supervisor_ = std::move(supervisor);
  times_returned_ = 0;
  under_way_ = true;
  owner_.add_reference();
  owner_.wait();
  // A connection has a deadline for each request, and cancels what is past it.
  const auto patience = owner_.patience();
  if (patience.count() > 0 && !owner_.has_client())
    reactor.arm(*this, time_after(reactor.exact_now(), patience));
  try {
    auto message = addressed_request_to(static_cast<return_address&>(*address->get()));
    if (drops_cancelled)
      addressed(*message)->drop_when_cancelled();
    if (begun != nullptr)
      addressed(*message)->count_begun(*begun);
    whom->enqueue(std::move(message), &reactor);
  } catch (...) {
    // The chain has a reference of its own here.
    if (call_off())
      owner_.drop_reference();
    owner_.run_on();
    throw;
  }
}

// What middleware has set goes along, in a copy: others may look at the request of the context.
void exchange::delegation::copy_request() {
  sent_ = owner_.request_;
  if (!owner_.values().empty())
    sent_.data().values = owner_.values();
}

caf::mailbox_element_ptr exchange::delegation::addressed_request_to(return_address& to) {
  // It may have been cancelled where it was served before, and its actor have failed.
  const auto& data = std::as_const(sent_).data();
  data.is_cancelled.store(false, std::memory_order_relaxed);
  data.failure_is_told.store(false, std::memory_order_relaxed);
  auto message = to.address(sent_, owner_.plan_->bounds.high_priority);
  if (supervisor_ != nullptr)
    addressed(*message)->have_failure_told(owner_.origin());
  return message;
}

void exchange::delegation::end() noexcept {
  under_way_ = false;
  owner_.shard_->reactor().disarm(*this);
  address_.reset();
  supervisor_.reset();
  own_.reset();
  sent_ = http::request{nullptr};
}

bool exchange::delegation::call_off() noexcept {
  if (!under_way_)
    return false;
  // An address that goes just now, on another thread, brings the reference itself.
  const auto address = address_.lock();
  const auto whom = own_.lock();
  std::as_const(sent_).data().is_cancelled.store(true, std::memory_order_relaxed);
  end();
  if (whom != nullptr)
    tell_to_exit(whom, owner_.shard_->reactor());
  if (address == nullptr)
    return false;
  auto& own = static_cast<return_address&>(*address->get());
  if (std::exchange(owner_.has_entered_, false))
    own.stay_counted(owner_.state_->in_flight);
  return own.close();
}

// Ends the wait, and has the chain go on once `answer` has given it its response.
template <class Answer>
void exchange::delegation::go_on(Answer answer) noexcept {
  const pointer self{&owner_, false};
  end();
  owner_.contain([&] {
    answer();
    owner_.run_on();
  });
}

void exchange::delegation::answered(caf::mailbox_element& answer) {
  go_on([&] {
    if (auto* const response = detail::value_of<http::response>(answer))
      owner_.respond(std::move(*response));
    else
      owner_.fail("the actor answered with something that is no response");
  });
}

// The supervisor of an actor that has thrown tells the log; else we do, what `why` gives.
template <class Why>
void exchange::delegation::fail(Why why) noexcept {
  const bool is_told = std::as_const(sent_).data().failure_is_told.load(std::memory_order_relaxed);
  go_on([&] { is_told ? owner_.fail_told() : owner_.fail(why()); });
}

void exchange::delegation::failed(const caf::error& reason) {
  fail([&] { return detail::reason_text(owner_.shard_->reactor().system(), reason); });
}

void exchange::delegation::returned(return_address& from) {
  if (supervisor_ != nullptr && ++times_returned_ <= most_returns) {
    const pointer self{&owner_};
    owner_.contain([&] {
      supervisor_->enqueue(addressed_request_to(from), &owner_.shard_->reactor());
    });
    return;
  }
  const bool is_supervised = supervisor_ != nullptr;
  from.close();
  if (!is_supervised) {
    failed(caf::make_error(caf::sec::request_receiver_down));
    return;
  }
  go_on([&] {
    owner_.log_failure(log_level::error, "every actor ended before it began with the request",
                       {{"status", 503}});
    owner_.shed(std::chrono::seconds{1});
  });
}

void exchange::delegation::abandoned() {
  if (under_way_)
    fail([] { return "the actor has dropped the request unanswered"; });
  else
    owner_.drop_reference(); // called off while the address went
}

void exchange::delegation::expired(time_point) {
  if (!call_off())
    return;
  go_on([&] {
    owner_.log_failure(log_level::warning, "request deadline passed", {{"status", 504}});
    owner_.replace_response(504);
  });
}

} // namespace sake::actors
