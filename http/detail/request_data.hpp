// What a request handle points to.
#pragma once

#include <sake/http/content_stream.hpp>
#include <sake/http/detail/handle.hpp>
#include <sake/http/method.hpp>
#include <sake/http/peer.hpp>

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
  /// What middleware has set, for an actor that is the handler.
  std::vector<std::pair<std::string, std::any>> values;
  /// Nobody waits for the response any more. Set by whoever waited, read by the actor that answers.
  mutable std::atomic<bool> is_cancelled{false};
  /// Whoever answers for the actor that has it tells the log why it failed. Set where the actor runs,
  /// read by whoever waited.
  mutable std::atomic<bool> failure_is_told{false};
  http::peer peer;
  http::method method = http::method::get;
  std::uint8_t minor_version = 1;
  bool keep_alive = true;
  bool expects_continue = false;

  /// Takes over the head of `other` and what was read from it; this one is empty before.
  void copy_head(const request_data& other);

  /// Empties the object for its next use. False when it grew too large to be kept.
  bool recycle() noexcept;
};

} // namespace sake::http::detail
