#include "child.hpp"

#include "../../routing/route_map.hpp"
#include "../reactor/detail/element.hpp"
#include "../reactor/detail/failure.hpp"
#include "../reactor/messages.hpp"
#include "../request/reply_channel.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <utility>

namespace sake::actors {

namespace {

bool is_awaited(caf::mailbox_element& request) {
  const auto* const sent = tracked(request);
  return sent != nullptr && sent->is_awaited();
}

} // namespace

child::child(owner& by, reactor& home, const routing::endpoint& endpoint, std::string key,
             start_mode when, std::atomic<std::uint32_t>* begun)
    : by_(by),
      home_(home),
      endpoint_(endpoint),
      key_(std::move(key)),
      when_(when),
      begun_(begun != nullptr ? *begun : in_use_->begun) {}

// A released actor may have work of its own, such as messages to itself, so it must be told to
// exit.
child::~child() {
  refuse_waiting();
  if (actor_ != nullptr)
    caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
}

// -- the actor ------------------------------------------------------------------------

void child::fill() {
  // A throwing constructor is a failure too, and another try may be allowed at once.
  while (state_ == state::empty)
    try_fill();
}

void child::try_fill() {
  try {
    actor_ = by_.make_actor(key_);
  } catch (const std::exception& e) {
    failed(e.what());
    return;
  } catch (...) {
    failed("an exception of unknown type");
    return;
  }
  scheduled_ = dynamic_cast<caf::scheduled_actor*>(actor_->get());
  begun_before_ = begun_.load(std::memory_order_relaxed);
  state_ = state::filled;
  tell_filled();
  if (policy_.is_on_probation())
    home_.arm(*this, time_after(home_.now(), endpoint_.actors.supervision.within));
  send_waiting();
  by_.direct(actor_);
}

void child::tell_filled() {
  const auto back_off = std::exchange(back_off_, std::nullopt);
  for (const auto& each : by_.observers())
    if (back_off)
      each->on_actor_restarted({endpoint_.name, key_}, *back_off);
    else
      each->on_actor_started({endpoint_.name, key_});
}

bool child::ended(caf::actor_id who, const caf::error& reason,
                  const std::optional<failed_request>& at) {
  if (actor_ == nullptr || actor_->id() != who)
    return false;
  home_.disarm(*this);
  actor_ = nullptr;
  scheduled_ = nullptr;
  state_ = state::empty;
  // An actor that ends without beginning any of the waiting requests cannot start.
  const bool cannot_start =
      !waiting_.empty() && begun_.load(std::memory_order_relaxed) == begun_before_;
  const bool has_failed = detail::is_failure(reason) || cannot_start;
  if (has_failed)
    failed(detail::is_failure(reason) ? detail::reason_text(home_.system(), reason)
                                      : "it ended before it began with a request",
           at);
  // After a voluntary end, the next request brings a successor.
  if ((has_failed && when_ == start_mode::at_once) || !waiting_.empty())
    fill();
  if (actor_ == nullptr)
    by_.direct(nullptr);
  return true;
}

void child::failed(std::string_view why, const std::optional<failed_request>& at) {
  using kind = restart_policy::decision::kind;
  const auto now = home_.now();
  const auto next =
      policy_.on_failure(endpoint_.actors.supervision, now, begun_.load(std::memory_order_relaxed));
  by_.report_failure(key_, why, at, {{"restarts", next.failures}});
  until_ = next.when;
  back_off_ = until_ - now;
  if (next.what == kind::quarantine) {
    state_ = state::quarantined;
    log_state(log_level::error, "actor quarantined", {{"seconds", seconds_left()}});
    refuse_waiting();
    for (const auto& each : by_.observers())
      each->on_actor_quarantined({endpoint_.name, key_}, *back_off_);
  } else if (until_ > now) {
    state_ = state::backing_off;
  } else {
    return;
  }
  home_.arm(*this, until_);
}

void child::expired(time_point) {
  if (state_ == state::filled) {
    policy_.on_recovery();
    log_state(log_level::info, "actor recovered");
    return;
  }
  if (state_ == state::quarantined)
    for (const auto& each : by_.observers())
      each->on_quarantine_over({endpoint_.name, key_});
  state_ = state::empty;
  if (when_ == start_mode::at_once || !waiting_.empty())
    fill();
}

void child::shut_down() {
  home_.disarm(*this);
  refuse_waiting();
  state_ = state::quarantined;
  if (actor_ != nullptr)
    caf::anon_send_exit(std::exchange(actor_, nullptr), caf::exit_reason::user_shutdown);
}

// -- requests -------------------------------------------------------------------------

void child::take(caf::mailbox_element_ptr request) {
  auto& sent = *tracked(*request);
  sent.keep(in_use_);
  sent.count_begun(begun_);
  fill();
  if (state_ == state::quarantined)
    refuse(*request);
  else if (state_ == state::backing_off || is_ending())
    keep(std::move(request));
  else
    actor_->enqueue(std::move(request), &home_);
}

// The actor has ended, but `ended` was not called yet: it would only return the request.
bool child::is_ending() const noexcept {
  return scheduled_ != nullptr ? scheduled_->mailbox().closed()
                               : actor_->get()->getf(caf::abstract_actor::is_terminated_flag);
}

void child::keep(caf::mailbox_element_ptr request) {
  if (!by_.begin_wait()) {
    forget_cancelled();
    if (!by_.begin_wait()) {
      refuse(*request);
      return;
    }
  }
  waiting_.push_back(std::move(request));
}

void child::forget_cancelled() {
  const auto gone = std::erase_if(waiting_, [](const auto& each) { return !is_awaited(*each); });
  by_.end_wait(gone);
}

void child::send_waiting() {
  by_.end_wait(waiting_.size());
  for (auto& each : std::exchange(waiting_, {}))
    if (is_awaited(*each))
      actor_->enqueue(std::move(each), &home_);
}

void child::refuse_waiting() {
  by_.end_wait(waiting_.size());
  for (const auto& each : std::exchange(waiting_, {}))
    refuse(*each);
}

void child::refuse(const caf::mailbox_element& request) {
  refuse_request(request, std::chrono::seconds{seconds_left()}, home_);
}

std::int64_t child::seconds_left() const noexcept {
  const auto left = std::chrono::ceil<std::chrono::seconds>(until_ - home_.now());
  return std::max<std::int64_t>(left.count(), 1);
}

void child::log_state(log_level level, std::string_view what,
                      std::initializer_list<log_field> more) const {
  std::vector<log_field> facts{more};
  if (!key_.empty())
    facts.emplace_back("key", key_);
  facts.emplace_back("route", endpoint_.name);
  log_event(level, what, facts);
}

void refuse_request(const caf::mailbox_element& request, std::chrono::seconds retry_after,
                    reactor& home) {
  auto answer = http::response::text(503, "Service Unavailable\n");
  answer.set_header("Retry-After", std::to_string(retry_after.count()));
  request.sender->enqueue(
      detail::element<http::response>::make(nullptr, request.mid.response_id(), std::move(answer)),
      &home);
}

} // namespace sake::actors
