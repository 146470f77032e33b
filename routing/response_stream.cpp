#include <sake/routing/response_stream.hpp>

#include <sake/routing/context.hpp>
#include <sake/routing/streams.hpp>

#include <stdexcept>
#include <string>

namespace sake {

// -- reading ------------------------------------------------------------------------

bool context::read_awaiter::suspension::await_ready() {
  is_second_ = ctx_->streams().has_reader();
  return is_second_ || ctx_->streams().fetch();
}

void context::read_awaiter::suspension::await_suspend(std::coroutine_handle<> waiting) {
  ctx_->streams().await_content(wait_.begin(waiting));
}

std::optional<std::string> context::read_awaiter::suspension::await_resume() {
  if (is_second_)
    throw std::logic_error("the content of a request has one reader at a time");
  return ctx_->streams().take();
}

// -- writing ------------------------------------------------------------------------

response_stream context::stream(int code, std::string_view content_type,
                                std::optional<std::uint64_t> length) {
  if (code == 204 || code == 205 || code == 304)
    throw std::invalid_argument("a response " + std::to_string(code) + " has no content");
  if (streaming_ != streaming::no)
    throw std::logic_error("the response is a stream already");
  response_.status(code);
  if (!content_type.empty())
    response_.set_header("Content-Type", content_type);
  response_.content(std::string_view{});
  answered_ = true;
  streams().begin(length);
  streaming_ = streaming::open;
  stream_depth_ = static_cast<std::uint32_t>(open_.size());
  return response_stream{*this};
}

response_stream::room response_stream::write(std::string_view octets) {
  return write(octets, false);
}

response_stream::room response_stream::write(std::string_view octets, bool is_last) {
  const bool has_room = ctx_->write_piece(octets);
  using state = room::state;
  return {*ctx_, is_last ? state::over : has_room ? state::there : state::awaited};
}

void response_stream::room::suspension::await_suspend(std::coroutine_handle<> waiting) {
  const auto begun = wait_.begin(waiting);
  if (state_ == state::over)
    ctx_->streams().end_waiter(begun);
  else
    ctx_->streams().await_room(begun);
}

bool context::write_piece(std::string_view octets) {
  if (streaming_ == streaming::over)
    throw std::logic_error("the response stream has ended with the handler that began it");
  return streams().write(octets);
}

// A layer has ended, or waits for the next: the stream ends with the one that began it.
void context::end_stream() {
  if (streaming_ == streaming::over || open_.size() != stream_depth_)
    return;
  if (streaming_ == streaming::open && streams_->missing() > 0
      && request_.method() != http::method::head)
    fail(std::make_exception_ptr(
        std::length_error("less content than the announced length of the response")));
  if (std::exchange(streaming_, streaming::over) == streaming::open)
    streams_->end();
  else
    streams_->cut(response_);
}

bool context::has_sent_stream(const http::response& instead) {
  if (std::exchange(streaming_, streaming::over) != streaming::over)
    streams_->cut(instead);
  return streams_->is_sent();
}

routing::streams& context::streams() {
  if (streams_ == nullptr)
    streams_ = make_streams();
  return *streams_;
}

std::shared_ptr<routing::streams> context::make_streams() {
  return std::make_shared<routing::streams>(request_, response_);
}

} // namespace sake
