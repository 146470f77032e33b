#include <sake/actors/supervisor.hpp>

#include <sake/actors/detail/element.hpp>
#include <sake/actors/detail/failure.hpp>
#include <sake/actors/detail/reject.hpp>
#include <sake/actors/messages.hpp>
#include <sake/actors/return_address.hpp>
#include <sake/routing/request_facts.hpp>

#include <mutex>
#include <utility>
#include <vector>

namespace sake::actors {

/// Where the end of an actor is told, on any thread. Actors may outlive the supervisor and its
/// reactor, so the supervisor stops listening when it ends.
struct supervisor::ear {
  std::mutex lock;
  supervisor* listener;
};

supervisor::supervisor(caf::actor_config& cfg, actors::reactor& home,
                       const detail::actor_factory& factory, const routing::plan& plan,
                       route_state& state)
    : reactor_actor(cfg, home),
      factory_(factory),
      plan_(plan),
      state_(state),
      ear_(std::make_shared<ear>()) {
  ear_->listener = this;
}

supervisor::~supervisor() = default;

caf::strong_actor_ptr supervisor::make_actor(std::string_view key) {
  auto made = factory_(home().system(), {state_.actor_place, &state_, key});
  made->get()->attach_functor([ear = ear_, key = std::string{key}, id = made->id(),
                               note = dynamic_cast<failure_note*>(made->get())](
                                  const caf::error& reason) {
    const std::lock_guard guard{ear->lock};
    auto* const to = ear->listener;
    if (to == nullptr)
      return;
    const auto at = note != nullptr ? note->failed_at : std::nullopt;
    to->home().post([to, key, id, reason, at] { to->hear_end(key, id, reason, at); });
  });
  return made;
}

void supervisor::hear_end(const std::string& key, caf::actor_id who, const caf::error& reason,
                          const std::optional<failed_request>& at) {
  auto* const known = find_known(key);
  // One that was let go may work on, and fail.
  if ((known == nullptr || !known->ended(who, reason, at)) && detail::is_failure(reason))
    log_failure(key, detail::reason_text(home().system(), reason), at);
}

void supervisor::log_failure(std::string_view key, std::string_view why,
                             const std::optional<failed_request>& at,
                             std::initializer_list<log_field> more) const {
  std::vector<log_field> facts{{"error", why}};
  facts.insert(facts.end(), more);
  if (!key.empty())
    facts.emplace_back("key", key);
  if (at)
    routing::add_request_facts(facts, at->request, at->origin.plan->title, at->origin.id());
  else
    facts.emplace_back("route", route());
  log_event(log_level::error, "actor failed", facts);
}

bool supervisor::begin_wait() noexcept {
  if (waiting_ == most_waiting)
    return false;
  ++waiting_;
  return true;
}

void supervisor::refuse(const caf::mailbox_element& request, std::chrono::seconds retry_after) {
  auto answer = http::response::text(503, "Service Unavailable\n");
  answer.set_header("Retry-After", std::to_string(retry_after.count()));
  request.sender->enqueue(
      detail::element<http::response>::make(nullptr, request.mid.response_id(), std::move(answer)),
      &home());
}

void supervisor::receive(caf::mailbox_element_ptr& message) {
  const auto* const sent = addressed(*message);
  if (sent == nullptr)
    detail::reject(*message);
  else if (auto* const found = find(sent->request()))
    found->take(std::move(message));
  else
    refuse(*message, std::chrono::seconds{1});
}

void supervisor::on_exit() {
  {
    const std::lock_guard guard{ear_->lock};
    ear_->listener = nullptr;
  }
  end_actors();
}

} // namespace sake::actors
