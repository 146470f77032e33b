#include <sake/actors/supervised_actor.hpp>

#include <sake/actors/detail/failure.hpp>
#include <sake/actors/return_address.hpp>
#include <sake/actors/supervisor.hpp>
#include <sake/http/status.hpp>

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
  const auto* const sent = addressed(request);
  return sent != nullptr && sent->is_awaited();
}

} // namespace

supervised_actor::supervised_actor(supervisor& by, std::string key, filling when,
                                   std::atomic<std::uint32_t>* begun)
    : by_(by),
      key_(std::move(key)),
      when_(when),
      begun_(begun != nullptr ? *begun : in_use_->begun) {}

// Whoever is let go may have work of its own, such as messages to itself, so it is told.
supervised_actor::~supervised_actor() {
  refuse_waiting();
  if (actor_ != nullptr)
    caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
}

// -- the actor ------------------------------------------------------------------------

void supervised_actor::fill() {
  // A constructor that throws is a failure as well, and may be followed by another try at once.
  while (state_ == state::empty)
    try_fill();
}

void supervised_actor::try_fill() {
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
  if (policy_.is_on_probation())
    by_.home().arm(*this, time_after(by_.home().now(), by_.bounds().within));
  send_waiting();
  by_.direct(actor_);
}

bool supervised_actor::ended(caf::actor_id who, const caf::error& reason,
                             const std::optional<failed_request>& at) {
  if (actor_ == nullptr || actor_->id() != who)
    return false;
  by_.home().disarm(*this);
  actor_ = nullptr;
  scheduled_ = nullptr;
  state_ = state::empty;
  // One that never begins, though there are requests, cannot start.
  const bool cannot_start =
      !waiting_.empty() && begun_.load(std::memory_order_relaxed) == begun_before_;
  const bool has_failed = detail::is_failure(reason) || cannot_start;
  if (has_failed)
    failed(detail::is_failure(reason) ? detail::reason_text(by_.home().system(), reason)
                                      : "it ended before it began with a request",
           at);
  // Another that ends of its own accord comes when there is a request.
  if ((has_failed && when_ == filling::at_once) || !waiting_.empty())
    fill();
  if (actor_ == nullptr)
    by_.direct(nullptr);
  return true;
}

void supervised_actor::failed(std::string_view why, const std::optional<failed_request>& at) {
  using kind = restart_policy::decision::kind;
  const auto now = by_.home().now();
  const auto next =
      policy_.on_failure(by_.bounds(), now, begun_.load(std::memory_order_relaxed));
  by_.log_failure(key_, why, at, {{"restarts", next.failures}});
  until_ = next.when;
  if (next.what == kind::quarantine) {
    state_ = state::quarantined;
    log_state(log_level::error, "actor quarantined", {{"seconds", seconds_left()}});
    refuse_waiting();
  } else if (until_ > now) {
    state_ = state::resting;
  } else {
    return;
  }
  by_.home().arm(*this, until_);
}

void supervised_actor::expired(time_point) {
  if (state_ == state::filled) {
    policy_.on_recovery();
    log_state(log_level::info, "actor recovered");
    return;
  }
  state_ = state::empty;
  if (when_ == filling::at_once || !waiting_.empty())
    fill();
}

void supervised_actor::shut_down() {
  by_.home().disarm(*this);
  refuse_waiting();
  state_ = state::quarantined;
  if (actor_ != nullptr)
    caf::anon_send_exit(std::exchange(actor_, nullptr), caf::exit_reason::user_shutdown);
}

// -- requests -------------------------------------------------------------------------

void supervised_actor::take(caf::mailbox_element_ptr request) {
  auto& sent = *addressed(*request);
  sent.keep(in_use_);
  sent.count_begun(begun_);
  fill();
  if (state_ == state::quarantined)
    refuse(*request);
  else if (state_ == state::resting || is_ending())
    keep(std::move(request));
  else
    actor_->enqueue(std::move(request), &by_.home());
}

// It has ended, and we are about to hear of it: it would only return the request.
bool supervised_actor::is_ending() const noexcept {
  return scheduled_ != nullptr ? scheduled_->mailbox().closed()
                               : actor_->get()->getf(caf::abstract_actor::is_terminated_flag);
}

void supervised_actor::keep(caf::mailbox_element_ptr request) {
  if (!by_.begin_wait()) {
    forget_cancelled();
    if (!by_.begin_wait()) {
      refuse(*request);
      return;
    }
  }
  waiting_.push_back(std::move(request));
}

void supervised_actor::forget_cancelled() {
  const auto gone = std::erase_if(waiting_, [](const auto& each) { return !is_awaited(*each); });
  by_.end_wait(gone);
}

void supervised_actor::send_waiting() {
  by_.end_wait(waiting_.size());
  for (auto& each : std::exchange(waiting_, {}))
    if (is_awaited(*each))
      actor_->enqueue(std::move(each), &by_.home());
}

void supervised_actor::refuse_waiting() {
  by_.end_wait(waiting_.size());
  for (const auto& each : std::exchange(waiting_, {}))
    refuse(*each);
}

void supervised_actor::refuse(const caf::mailbox_element& request) {
  by_.refuse(request, std::chrono::seconds{seconds_left()});
}

std::int64_t supervised_actor::seconds_left() const noexcept {
  const auto left = std::chrono::ceil<std::chrono::seconds>(until_ - by_.home().now());
  return std::max<std::int64_t>(left.count(), 1);
}

void supervised_actor::log_state(log_level level, std::string_view what,
                                 std::initializer_list<log_field> more) const {
  std::vector<log_field> facts{more};
  if (!key_.empty())
    facts.emplace_back("key", key_);
  facts.emplace_back("route", by_.route());
  log_event(level, what, facts);
}

} // namespace sake::actors
