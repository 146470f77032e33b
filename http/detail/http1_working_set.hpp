// What a protocol needs only while a request is under way.
#pragma once

#include <sake/http/content_stream.hpp>
#include <sake/http/http1_protocol.hpp>
#include <sake/http/request.hpp>
#include <sake/http/slot_queue.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace sake::http {

/// What is needed only while a request is under way.
struct http1_protocol::working_set {
  slot_queue slots;
  /// Octets of content in the responses of `slots`.
  std::size_t ready_octets = 0;
  /// Whether some request has a time of its own, so that a later one may be due first.
  bool times_differ = false;
  /// The request whose content is being received.
  request incoming{nullptr};
  /// Where that content goes once the request has been handed on.
  std::shared_ptr<content_stream> stream;
  bool has_incoming = false;
  /// Its response has gone out already; the content is dropped, so much of it so far.
  bool discards = false;
  std::size_t discarded = 0;
  /// The time that its handler has, once the client has sent what it is to.
  std::chrono::milliseconds patience{};
  std::uint64_t content_received = 0;
  /// When the time for content began; the time in which nobody took it does not count.
  time_point content_begun;
  time_point content_arrived;
  working_set* next_free = nullptr;
};

} // namespace sake::http
