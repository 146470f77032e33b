// Bounds on the size of one message, and on the time a peer may take over it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sake::http {

/// Bounds on the size of one request message and on what one connection may hold. A message past
/// a bound is answered with the status named beside it, then the connection closes.
struct limits {
  /// Octets in the request line, line ending included: 414. RFC 9112 §3 asks for at least 8000.
  std::size_t request_line_bytes = 8'192;
  /// Octets in the field section, line endings included: 431. Also bounds a trailer section.
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
  /// Requests of one connection that may wait for their response at a time; past it the
  /// connection stops reading (no status: this is back-pressure).
  std::size_t pipelined_requests = 64;
  /// Octets of content in responses of one connection that are ready and not encoded yet; at it no
  /// further request of the connection is begun until they have been taken (no status: this is
  /// back-pressure). What is encoded and not taken by the peer stops the connection in any case.
  std::size_t ready_response_bytes = 256 * 1024;
};

/// Requests that one connection begins in one turn of its reactor; then others have theirs.
inline constexpr std::size_t requests_per_turn = 32;

/// What a route wants of the content of its requests.
struct content_rules {
  /// Octets that it takes at most; past it 413.
  std::uint64_t most = 0;
  /// Whether it takes all content as a stream.
  bool as_it_arrives = false;
};

/// Octets of content that are received and dropped behind a response that did not wait for them, so
/// that the connection persists; with more it closes.
inline constexpr std::size_t discarded_content_bytes = 64 * 1024;

/// Octets of a response in pieces that may wait for the peer before its writer has to. As many
/// again may be encoded already.
inline constexpr std::size_t waiting_content_bytes = 64 * 1024;

/// At shutdown, how long the first request of a connection is waited for that was accepted before.
inline constexpr std::chrono::milliseconds fresh_grace{250};

/// What deadlines go by.
using time_point = std::chrono::steady_clock::time_point;

/// The time that is `wait` after `start`; `time_point::max()`, which never comes, where no clock
/// reaches so far.
template <class Rep, class Period>
[[nodiscard]] constexpr time_point time_after(time_point start,
                                              std::chrono::duration<Rep, Period> wait) noexcept {
  using unit = std::chrono::duration<Rep, Period>;
  if (wait.count() <= 0)
    return start;
  const auto left = time_point::max() - std::max(start, time_point{});
  return wait > std::chrono::floor<unit>(left)
             ? time_point::max()
             : start + std::chrono::duration_cast<time_point::duration>(wait);
}

/// Bounds on time. Zero switches a bound off.
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
  /// For the peer to take what was sent, counted from when it first had to wait: the connection is
  /// reset. A peer that takes `write_bytes_per_second` octets for each second of it gets as long
  /// again, so that slow but steady readers are served, and a reader that sips octets is not.
  std::chrono::milliseconds write{30'000};
  /// The slowest steady reader of responses that is served; see `write`. 0: one that takes anything
  /// at all within `write` is.
  std::uint32_t write_bytes_per_second = 500;
  /// From the end of a request to its response: 504.
  std::chrono::milliseconds request{30'000};
};

} // namespace sake::http
