#include "content_stream.hpp"

#include <utility>

namespace sake::http {

std::string content_stream::take(std::size_t most) {
  const bool is_first = !std::exchange(is_wanted_, true);
  const bool was_held_up = is_first || room() == 0;
  std::string taken;
  if (octets_.size() <= most) {
    taken.swap(octets_);
  } else {
    taken = octets_.substr(0, most);
    octets_.erase(0, most);
  }
  if (was_held_up && room() > 0 && state_ == state::open && resume_)
    resume_();
  return taken;
}

content_stream::state content_stream::status() const noexcept {
  return state_ == state::complete && !octets_.empty() ? state::open : state_;
}

void content_stream::on_readable(std::function<void()> ready) {
  ready_ = std::move(ready);
}

std::size_t content_stream::room() const noexcept {
  return octets_.size() >= capacity_ ? 0 : capacity_ - octets_.size();
}

void content_stream::push(std::string_view octets) {
  octets_.append(octets);
  if (ready_)
    ready_();
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
