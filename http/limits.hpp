// Limits on the size of one message, and on the time a peer may take over it.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ratio>

namespace sake::http {

/// Limits on the size of one request message and on the resources of one connection. A message past
/// a limit is answered with the status named beside it, then the connection closes.
struct limits {
  /// Octets in the request line, line ending included: 414. RFC 9112 §3 asks for at least 8000.
  std::size_t request_line_bytes = 8'192;
  /// Octets in the field section, line endings included: 431. Also limits a trailer section.
  std::size_t field_section_bytes = 16 * 1024;
  /// Field lines in one section: 431.
  std::size_t field_count = 100;
  /// Octets of content, after the transfer coding is removed: 413.
  std::uint64_t content_bytes = 1024 * 1024;
  /// Octets in the line that starts a chunk, chunk extensions included: 400.
  std::size_t chunk_line_bytes = 1024;
  /// Content up to this many octets is delivered whole with its request; larger content is a
  /// stream, of which at most this many octets wait unread before the connection stops reading.
  std::size_t buffered_content_bytes = 64 * 1024;
  /// Requests of one connection that may wait for their response at a time; at this limit the
  /// connection stops reading (no status: this is back-pressure).
  std::size_t pipelined_requests = 64;
  /// Octets of content in ready responses of one connection that are not encoded yet; at this limit
  /// the connection begins no further request until they are fewer (no status: this is
  /// back-pressure). Encoded octets that the peer has not taken stop the connection in any case.
  /// Requests that run elsewhere, on a pool, have begun before: each may bring its whole response.
  std::size_t ready_response_bytes = 256 * 1024;
};

/// Requests that one connection may begin in one turn of its reactor, before others get theirs.
inline constexpr std::size_t requests_per_turn = 32;

/// The rules of a route for the content of its requests.
struct content_rules {
  /// The most octets; past it 413.
  std::uint64_t most = 0;
  /// Whether the route takes all content as a stream.
  bool as_it_arrives = false;
};

/// The most octets of content that are received and dropped after an early response, so that the
/// connection persists; with more it closes.
inline constexpr std::size_t discarded_content_bytes = 64 * 1024;

/// Octets of a response in pieces that may wait for the peer before its writer must wait. As many
/// again may be encoded already.
inline constexpr std::size_t waiting_content_bytes = 64 * 1024;

/// At shutdown, how long an open connection may take to send its first request.
inline constexpr std::chrono::milliseconds fresh_grace{250};

/// The clock of the deadlines.
using time_point = std::chrono::steady_clock::time_point;

/// Returns the time `wait` after `start`; `time_point::max()`, which never comes, if no clock
/// reaches that far.
template <std::integral Rep, class Period>
[[nodiscard]] constexpr time_point time_after(time_point start,
                                              std::chrono::duration<Rep, Period> wait) noexcept {
  using ticks = time_point::duration;
  using scale = std::ratio_divide<Period, ticks::period>;
  static_assert(scale::den == 1, "a unit finer than the clock's");
  if (wait.count() <= 0)
    return start;
  ticks::rep length = 0;
  ticks::rep sum = 0;
  if (__builtin_mul_overflow(wait.count(), ticks::rep{scale::num}, &length)
      || __builtin_add_overflow(start.time_since_epoch().count(), length, &sum))
    return time_point::max();
  return time_point{ticks{sum}};
}

/// Returns when a limit that begins at `start` has passed: as `time_after`, but never for 0, which
/// switches a limit off.
template <std::integral Rep, class Period>
[[nodiscard]] constexpr time_point deadline_after(
    time_point start, std::chrono::duration<Rep, Period> limit) noexcept {
  return limit.count() > 0 ? time_after(start, limit) : time_point::max();
}

/// Limits on time. Zero switches a limit off.
struct deadlines {
  /// From the first octet of a request (or from accept) to the end of its head: 408.
  std::chrono::milliseconds head{10'000};
  /// From the end of the head to the end of the content: 408. Every `content_bytes_per_second`
  /// octets received extend it by a second, so that slow but steady senders of large content
  /// are served, and a sender that drips octets is not.
  std::chrono::milliseconds content{30'000};
  /// The slowest steady sender of content that is served; see `content`.
  std::uint32_t content_bytes_per_second = 500;
  /// From the end of a response to the first octet of the next request: the connection closes.
  std::chrono::milliseconds idle{30'000};
  /// For the peer to take the sent octets, from the moment they first had to wait: the connection
  /// is reset. A peer that takes `write_bytes_per_second` octets for each second of it gets as long
  /// again, so that slow but steady readers are served, and a reader that sips octets is not.
  std::chrono::milliseconds write{30'000};
  /// The slowest steady reader of responses that is served; see `write`. 0: any reader that takes
  /// something within `write` is served.
  std::uint32_t write_bytes_per_second = 500;
  /// From the end of a request to its response: 504.
  std::chrono::milliseconds request{30'000};
};

} // namespace sake::http
