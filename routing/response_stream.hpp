// A response whose content is written piece by piece.
#pragma once

#include <sake/routing/waiter.hpp>

#include <coroutine>
#include <cstdint>
#include <string_view>

namespace sake {

class context;
class event_stream;

/// A response whose content is written piece by piece, as `context::stream` begins it. It ends with
/// the handler that began it. A light value that refers to the context; for its handler alone.
class response_stream {
public:
  /// What `write` returns: the wait until there is room for more. Each await is a wait of its own.
  class [[nodiscard("write co_await: it waits for room")]] room {
  public:
    enum class state : std::uint8_t { there, awaited, over };

    room(context& ctx, state now) noexcept : ctx_(&ctx), state_(now) {}

    class suspension {
    public:
      suspension(context& ctx, state now) noexcept : ctx_(&ctx), state_(now) {}
      bool await_ready() const noexcept { return state_ == state::there; }
      void await_suspend(std::coroutine_handle<> waiting);
      void await_resume() const noexcept {}

    private:
      context* ctx_;
      state state_;
      routing::wait wait_;
    };
    suspension operator co_await() const noexcept { return {*ctx_, state_}; }

  private:
    context* ctx_;
    state state_;
  };

  explicit response_stream(context& ctx) noexcept : ctx_(&ctx) {}

  /// `co_await out.write(octets)`: sends a piece, and waits while more than 64 KiB wait for the
  /// peer. The octets are taken at once; what is written without a wait in between goes out in one
  /// write. Of no octets nothing is sent.
  ///
  /// Where nobody takes the content any more, as the client has gone or asked by HEAD, the
  /// coroutine is ended at this wait, as when its request is cancelled.
  ///
  /// @throws std::length_error when it is more than the length that was announced
  room write(std::string_view octets);

private:
  friend class event_stream;
  /// @param is_last  whether the stream ends with this piece
  room write(std::string_view octets, bool is_last);

  context* ctx_;
};

} // namespace sake
