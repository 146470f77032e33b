#include <sake/actors/asker.hpp>

#include <sake/actors/detail/reject.hpp>

#include <caf/sec.hpp>

#include <utility>

namespace sake::actors {

bool asker::question::call_off() noexcept {
  asker* const from = std::exchange(asker_, nullptr);
  if (from == nullptr)
    return false;
  from->questions_.erase(id_);
  from->home().disarm(*this);
  return true;
}

void asker::question::expired(time_point) {
  call_off();
  failed(caf::make_error(caf::sec::request_timeout));
}

void asker::ask(question& asking, const caf::strong_actor_ptr& whom,
                caf::mailbox_element_ptr message, std::chrono::milliseconds patience) {
  if (whom == nullptr) {
    asking.failed(caf::make_error(caf::sec::invalid_argument));
    return;
  }
  asking.asker_ = this;
  asking.id_ = ++last_id_;
  questions_.emplace(asking.id_, &asking);
  if (patience.count() > 0)
    home().arm(asking, time_after(home().exact_now(), patience));
  message->sender = caf::strong_actor_ptr{ctrl()};
  message->mid = caf::make_message_id(asking.id_);
  whom->enqueue(std::move(message), &home());
}

void asker::receive(caf::mailbox_element_ptr& message) {
  if (!message->mid.is_response()) {
    detail::reject(*message);
    return;
  }
  const auto found = questions_.find(message->mid.request_id().integer_value());
  if (found == questions_.end())
    return; // called off, or past its deadline
  question& asking = *found->second;
  asking.call_off();
  auto& content = message->content();
  if (content.match_elements<caf::error>())
    asking.failed(std::move(content.get_mutable_as<caf::error>(0)));
  else
    asking.answered(message->move_content_to_message());
}

} // namespace sake::actors
