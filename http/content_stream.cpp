#include "content_stream.hpp"

#include <utility>

namespace sake::http {

std::string content_stream::take(std::size_t most) {
  const bool was_held_up = holds_up();
  auto taken = octets_.take(most);
  if (was_held_up)
    resume();
  return taken;
}

void content_stream::want_whole() {
  const bool was_held_up = holds_up();
  capacity_ = std::numeric_limits<std::size_t>::max();
  if (was_held_up)
    resume();
}

void content_stream::resume() {
  is_wanted_ = true;
  if (room() > 0 && state_ == state::open && resume_)
    resume_();
}

content_stream::state content_stream::status() const noexcept {
  const bool has_rest = !octets_.empty() && !is_wanted_whole();
  return state_ == state::complete && has_rest ? state::open : state_;
}

void content_stream::on_readable(std::function<void()> ready) {
  ready_ = std::move(ready);
}

std::size_t content_stream::room() const noexcept {
  return octets_.size() >= capacity_ ? 0 : capacity_ - octets_.size();
}

void content_stream::push(std::string_view octets) {
  if (is_wanted_whole())
    octets_.expect(expected_);
  octets_.append(octets);
  if (ready_ && !is_wanted_whole())
    ready_();
}

std::span<char> content_stream::memory(std::size_t wanted) {
  octets_.expect(expected_);
  return octets_.room(wanted);
}

void content_stream::finish(state end) {
  if (state_ != state::open)
    return;
  state_ = end;
  if (end == state::failed)
    octets_.clear();
  resume_ = {};
  // The last call: the consumer may release this stream inside it.
  if (auto ready = std::exchange(ready_, {}))
    ready();
}

void content_stream::on_room(std::function<void()> resume) {
  resume_ = std::move(resume);
}

} // namespace sake::http
