#include "content_collector.hpp"

namespace sake::actors {

void content_collector::listen(std::function<void()> came) {
  is_awaited_ = true;
  stream_->on_readable(std::move(came));
}

content_collector::progress content_collector::take() {
  if (is_complete_)
    return progress::none;
  const auto stream =
      stream_; // the listener may hold the last reference to the owner of this object
  octets_ += stream->take();
  switch (stream->status()) {
    case http::content_stream::state::open:
      break;
    case http::content_stream::state::failed:
      return progress::failed;
    case http::content_stream::state::complete:
      is_complete_ = true;
      stream->on_readable({});
      return progress::complete;
  }
  return progress::none;
}

} // namespace sake::actors
