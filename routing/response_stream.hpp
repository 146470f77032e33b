// A response with content written piece by piece.
#pragma once

#include "detail/awaitable.hpp"
#include "waiter.hpp"

#include <coroutine>
#include <cstdint>
#include <string_view>

namespace sake {

class event_stream;

namespace routing {
class streams;
} // namespace routing

/// A response with content written piece by piece, as `context::stream` begins it. Ends with the
/// handler that began it. A light value that refers to the request; for its handler alone.
class response_stream {
public:
  /// Returned by `write`: the wait until there is room for more. May be awaited several times.
  class [[nodiscard("write co_await: it waits for room")]] room
      : public routing::detail::awaitable {
  public:
    enum class state : std::uint8_t { there, awaited, over };

    room(routing::streams& to, state now) noexcept : streams_(&to), state_(now) {}

    class suspension {
    public:
      suspension(routing::streams& to, state now) noexcept : streams_(&to), state_(now) {}
      bool await_ready() const noexcept { return state_ == state::there; }
      void await_suspend(std::coroutine_handle<> waiting);
      void await_resume() const noexcept {}

    private:
      routing::streams* streams_;
      state state_;
      routing::wait wait_;
    };
    suspension operator co_await() const noexcept { return {*streams_, state_}; }

  private:
    routing::streams* streams_;
    state state_;
  };

  explicit response_stream(routing::streams& to) noexcept : streams_(&to) {}

  /// `co_await out.write(octets)`: sends a piece, and waits while at least 64 KiB wait for the
  /// peer. The octets are taken at once; pieces written without a wait in between go out in one
  /// write. Empty `octets` send nothing.
  ///
  /// If the content is no longer wanted, because the client has gone or sent HEAD, the coroutine
  /// ends at this wait, as when its request is cancelled.
  ///
  /// @throws std::length_error past the announced length
  room write(std::string_view octets);

private:
  friend class event_stream;
  /// @param is_last  whether the stream ends with this piece
  room write(std::string_view octets, bool is_last);

  routing::streams* streams_;
};

} // namespace sake
