#include "content_collector.hpp"

namespace sake::actors {

void content_collector::listen(std::function<void()> came) {
  is_awaited_ = true;
  stream_->on_readable(std::move(came));
  stream_->want_whole();
}

content_collector::progress content_collector::check() {
  if (is_complete_)
    return progress::none;
  const auto stream =
      stream_; // the listener may hold the last reference to the owner of this object
  switch (stream->status()) {
    case http::content_stream::state::open:
      return progress::none;
    case http::content_stream::state::failed:
      return progress::failed;
    case http::content_stream::state::complete:
      break;
  }
  is_complete_ = true;
  stream->on_readable({});
  return progress::complete;
}

void content_collector::complete(http::request& to) {
  if (to.is_shared())
    seen_before_ = to;
  to.data().content = std::exchange(stream_, {})->take();
}

void content_collector::call_off() noexcept {
  if (const auto stream = std::exchange(stream_, {}))
    stream->on_readable({}); // may release the last reference to the owner of this object
}

} // namespace sake::actors
