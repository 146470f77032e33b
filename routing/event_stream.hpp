// Server-sent events over a response stream.
#pragma once

#include "awaiting_chain.hpp"
#include "response_stream.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace sake {

/// One server-sent event (WHATWG HTML §9.2). Views are borrowed for the call.
struct server_event {
  /// The type; empty: "message".
  std::string_view event{};
  /// Any number of lines. If data and type are empty, clients process the other fields but dispatch
  /// no event.
  std::string_view data{};
  /// A client sends it as Last-Event-ID when it reconnects; none: the previous id stays.
  std::optional<std::string_view> id{};
  /// How long a client waits before it reconnects.
  std::optional<std::chrono::milliseconds> retry{};
};

/// A stream of server-sent events, as `context::event_stream` begins it. Ends with the handler that
/// began it. A light value that refers to the request; for its handler alone.
class event_stream {
public:
  event_stream(routing::awaiting_chain& chain, response_stream out) noexcept
      : chain_(&chain), out_(out) {}

  /// `co_await events.send({.event = "tick", .data = "1"})`: sends one event; waits as
  /// `response_stream::write` does. Once the engine shuts down, this event ends the stream in
  /// order, and the coroutine ends at this wait.
  /// @throws std::invalid_argument if the type or the id holds CR, LF or NUL, or `retry` is
  ///         negative
  response_stream::room send(const server_event& what);

  /// Sends a comment, which clients ignore. Call it periodically to keep proxies from closing the
  /// connection. Ends the stream as `send` does once the engine shuts down.
  response_stream::room comment(std::string_view text = {});

private:
  routing::awaiting_chain* chain_;
  response_stream out_;
};

} // namespace sake
