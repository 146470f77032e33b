// The data behind a request handle.
#pragma once

#include "../content_stream.hpp"
#include "../method.hpp"
#include "../peer.hpp"
#include "../transport_facts.hpp"
#include "handle.hpp"

#include <any>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::http::detail {

/// A run of octets inside a text, by position, so that the text may move.
struct span {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;

  [[nodiscard]] std::string_view in(const std::string& text) const noexcept {
    return {text.data() + offset, size};
  }
};

struct named_span {
  span name;
  span value;
};

struct request_data : pooled<request_data> {
  request_data() noexcept;
  ~request_data();

  /// The head as it arrived: request line and field lines, without the empty line.
  std::string head;
  span method_token;
  span target;
  span path;
  span query;
  std::vector<named_span> fields;
  std::string content;
  std::shared_ptr<content_stream> stream;
  /// Path parameters, decoded; the router fills them in.
  std::string parameter_text;
  std::vector<named_span> parameters;
  /// Values that middleware has set, for an actor as handler.
  std::vector<std::pair<std::string, std::any>> values;
  /// The response is no longer wanted. Set by the side that waited for it, read by the actor that
  /// answers.
  mutable std::atomic<bool> is_cancelled{false};
  /// The actor's supervisor logs why the actor failed. Set where the actor runs, read by the side
  /// that waits for the response.
  mutable std::atomic<bool> failure_is_told{false};
  http::peer peer;
  /// Null if the transport tells nothing of its peer.
  std::shared_ptr<const transport_facts> transport;
  http::method method = http::method::get;
  std::uint8_t minor_version = 1;
  bool keep_alive = true;
  bool expects_continue = false;
  /// What follows the request may belong to another protocol (RFC 9110 §7.8, §9.3.6).
  bool may_switch = false;

  /// Begins the head of a request that did not arrive as HTTP/1: its request line, and the method
  /// and the target in it. This object must be empty.
  void begin_head(std::string_view token, std::string_view target_text, std::uint8_t minor);
  /// Adds a field line to such a head.
  void add_field(std::string_view name, std::string_view value);
  /// Adds a path parameter.
  void add_parameter(std::string_view name, std::string_view value);

  /// Copies the head of `other` and the values parsed from it. This object must be empty.
  void copy_head(const request_data& other);

  /// Empties the object for its next use. Returns false if it grew too large to be kept.
  bool recycle() noexcept;
};

} // namespace sake::http::detail
