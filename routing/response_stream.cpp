#include "response_stream.hpp"

#include "streams.hpp"

namespace sake {

response_stream::room response_stream::write(std::string_view octets) {
  return write(octets, false);
}

response_stream::room response_stream::write(std::string_view octets, bool is_last) {
  const bool has_room = streams_->write(octets);
  using state = room::state;
  return {*streams_, is_last ? state::over : has_room ? state::there : state::awaited};
}

void response_stream::room::suspension::await_suspend(std::coroutine_handle<> waiting) {
  const auto begun = wait_.begin(waiting);
  if (state_ == state::over)
    streams_->end_waiter(begun);
  else
    streams_->await_room(begun);
}

} // namespace sake
