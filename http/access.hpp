// What observers learn of each response.
#pragma once

#include "limits.hpp"
#include "peer.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace sake::http {

/// How a response ended.
enum class access_outcome : std::uint8_t {
  sent,       ///< the transport has taken the whole response
  cut_off,    ///< the server ended it early: its stream failed, or the engine stopped
  client_left ///< the client had left, or was reset, before it got the whole response
};

/// Returns "sent", "cut off" or "client left".
[[nodiscard]] constexpr std::string_view to_string(access_outcome outcome) noexcept {
  switch (outcome) {
    case access_outcome::cut_off:
      return "cut off";
    case access_outcome::client_left:
      return "client left";
    case access_outcome::sent:
      break;
  }
  return "sent";
}

/// One request and its response, after its last octet. The views are valid during the call that
/// passes the record.
struct access_record {
  /// The field X-Request-Id if the client sent a valid one, else an id of the engine: the same as
  /// in log lines about the request.
  std::string_view request_id;
  http::peer peer;
  /// "HTTP/1.1" or "HTTP/1.0"; another protocol has a name of its own.
  std::string_view protocol;
  /// The method and the request target as the client sent them. Empty if the head was refused.
  std::string_view method;
  std::string_view target;
  /// The name and the path pattern of the route; see `route_info`. Empty if no route matched, or if
  /// the request was refused before it had a route.
  std::string_view route_name;
  std::string_view route_pattern;
  /// The status of the response; 499 if the client got no octet of one.
  int status = 0;
  access_outcome outcome = access_outcome::sent;
  /// Octets of content that came with the request, without the transfer coding; of a tunnel, those
  /// that came through it.
  std::uint64_t received = 0;
  /// Octets of the response, head and content, that the transport has taken.
  std::uint64_t sent = 0;
  /// When the head of the request was complete, or was refused.
  time_point begun;
  /// The time from there until the protocol got the response, or the head of one in pieces; until
  /// the end if it got none.
  std::chrono::nanoseconds until_response{};
  /// The time from `begun` until the transport took the last octet, or until the client was gone.
  std::chrono::nanoseconds until_end{};
};

/// Is told of every response that a client got, whole or in part: also those that no handler made,
/// such as 400, 404, 408, 413, 503 and 504, and of requests whose client left before a response.
/// Not told of interim responses (100), nor of a response for whose record there was no memory.
///
/// Belongs to one reactor, which makes all calls: needs no lock. A call must not block.
class access_observer {
public:
  virtual ~access_observer() = default;

  /// Called once for each request: when the transport has taken the last octet of the response, or
  /// when it is certain that no further octet goes out.
  virtual void on_response(const access_record& record) noexcept = 0;
};

/// The observers of one reactor, in the order of registration.
using access_observers = std::vector<std::unique_ptr<access_observer>>;

} // namespace sake::http

namespace sake {
using http::access_observer;
using http::access_outcome;
using http::access_record;
} // namespace sake
