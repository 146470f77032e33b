// Takes responses, each by the id of its request.
#pragma once

#include "content_stream.hpp"
#include "response.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sake::http {

/// The status that layers see if the client has gone or will read no further; never sent.
inline constexpr int client_gone = 499;

/// Works on a request, and is called when its response is no longer wanted.
class response_observer {
public:
  /// The response is no longer wanted: work that has not begun need not begin.
  /// @param status  504 if the deadline has passed, the status of the refusal if the content was
  ///                refused, else `client_gone`
  virtual void cancel(int status) noexcept = 0;

  /// Content of a response in pieces that had to wait for the peer has gone out: there is room
  /// again. May be called more than once.
  virtual void on_room() noexcept {}

protected:
  ~response_observer() = default;
};

/// The result of writing content of a response in pieces.
enum class write_result : std::uint8_t {
  ok,          ///< taken; there is room for more
  would_block, ///< taken; the next write must wait until the observer hears of room
  closed       ///< not taken: the request is over or was HEAD
};

/// Takes responses, whole or in pieces, each by the id of its request. A call for a request that is
/// over does nothing. Belongs to the thread of its connection.
class response_port {
public:
  /// Takes the response to the request with this id. Ignored if it has one already.
  virtual void respond(std::uint64_t id, response&& answer) = 0;

  // A response in pieces: its head by `begin_response`, its content by `write`, then `end_response`
  // or `cut_response`.

  /// Takes the head of the response; the deadline of the request no longer applies. Calls `by` when
  /// the content is no longer wanted, and when there is room after `write_result::would_block`.
  ///
  /// @param has_length  the head has a Content-Length; the written octets must add up to it
  virtual void begin_response(std::uint64_t id, response head, bool has_length,
                              response_observer& by) = 0;

  /// Takes the head of a response that makes the request a tunnel: from now on, octets without
  /// framing go both ways, by the result and by `write`, and no deadline of the request applies
  /// (RFC 9110 §7.8: 101 in answer to Upgrade; §9.3.6: 2xx in answer to CONNECT). `end_response` or
  /// `cut_response` ends the tunnel. The content of the request must have ended.
  ///
  /// @returns the octets that the client sends; null if the request is over or may not become a
  ///          tunnel, if the status is another, or if the protocol has none
  virtual std::shared_ptr<content_stream> begin_tunnel(std::uint64_t /*id*/, response /*head*/,
                                                       response_observer& /*by*/) {
    return nullptr;
  }

  /// Takes content. Empty `octets` only query the result.
  virtual write_result write(std::uint64_t id, std::string_view octets) = 0;

  /// The content is complete.
  virtual void end_response(std::uint64_t id) = 0;

  /// The content will never be complete: the response ends in a way that the peer notices (RFC 9112
  /// §8). If the head has not gone out yet, `instead` is sent.
  virtual void cut_response(std::uint64_t id, response instead) = 0;

  /// Calls `by` when the response to the request with this id is no longer wanted; null: no call.
  /// Has no effect once there is a response.
  virtual void observe(std::uint64_t id, response_observer* by) noexcept = 0;

  /// Sets the time for the request with this id from now, or from the end of its content, in place
  /// of `deadlines::request`; 0: no limit.
  virtual void limit_time(std::uint64_t id, std::chrono::milliseconds patience) noexcept = 0;

protected:
  ~response_port() = default;
};

} // namespace sake::http
