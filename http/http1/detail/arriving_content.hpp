// The content of the request that is being received.
#pragma once

#include "../../content_stream.hpp"
#include "../../limits.hpp"
#include "../../request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace sake::http::detail {

/// The content of the request that is being received, from the end of its head to the end of the
/// content. Pooled.
struct arriving_content {
  /// The request, until it is handed on.
  request incoming{nullptr};
  /// Takes the content once the request has been handed on.
  std::shared_ptr<content_stream> stream;
  /// The response has gone out already: the content is dropped, `dropped` octets so far.
  bool is_dropped = false;
  std::size_t dropped = 0;
  /// The time for the handler, once the client has sent all content.
  std::chrono::milliseconds patience{};
  std::uint64_t received = 0;
  /// The deadline of the content without the time earned by octets received. Moved on by the time
  /// in which the handler took none.
  time_point due = time_point::max();
  time_point last_arrival;
  arriving_content* next_free = nullptr;
};

} // namespace sake::http::detail
