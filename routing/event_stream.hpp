// Server-sent events over a response stream.
#pragma once

#include <sake/routing/context.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace sake {

/// One server-sent event (WHATWG HTML §9.2). Views are borrowed for the call.
struct server_event {
  /// The type; empty: "message".
  std::string_view event{};
  /// Of any number of lines. Where it is empty and there is no type, clients take what else is
  /// there but dispatch nothing.
  std::string_view data{};
  /// What a client sends as Last-Event-ID when it comes back; none: the one before stands.
  std::optional<std::string_view> id{};
  /// How long a client waits before it comes back.
  std::optional<std::chrono::milliseconds> retry{};
};

/// A stream of server-sent events, as `context::event_stream` begins it. It ends with the handler
/// that began it. A light value that refers to the context; for its handler alone.
class event_stream {
public:
  explicit event_stream(context& ctx);

  /// `co_await events.send({.event = "tick", .data = "1"})`: sends one event; waits as
  /// `response_stream::write` does. Once the engine shuts down the stream ends with this event, in
  /// order: the coroutine is ended at this wait.
  /// @throws std::invalid_argument when the type or the id holds CR, LF or NUL, or `retry` is
  ///         negative
  response_stream::room send(const server_event& what);

  /// Sends what clients drop: now and then one, so that nobody on the way takes the connection for
  /// dead.
  response_stream::room comment(std::string_view text = {});

private:
  context* ctx_;
  response_stream out_;
};

inline event_stream context::event_stream() {
  return sake::event_stream{*this};
}

} // namespace sake
