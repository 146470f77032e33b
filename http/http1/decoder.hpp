// Octets in, requests out: the receiving half of HTTP/1.1 (RFC 9112), without any input.
#pragma once

#include "../detail/framing.hpp"
#include "../limits.hpp"
#include "../refusal.hpp"
#include "../request.hpp"
#include "chunked.hpp"
#include "detail/head_judge.hpp"
#include "head_cache.hpp"
#include "head_scanner.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sake::http {

/// Turns the octets of one connection into requests. Uses no sockets: its owner reads the octets
/// and asks for one event after another.
///
///     for (;;) {
///       const auto step = decoder.next(received.view());
///       received.consume(step.consumed);
///       …
///     }
///
/// The requests do not depend on how the input is cut. Between two requests it holds no heap
/// memory. Not thread-safe.
class decoder {
public:
  enum class event : std::uint8_t {
    /// More octets must arrive first.
    need_more,
    /// A head has arrived and passed every check: call `take_request`.
    head,
    /// A part of the content has arrived; empty only if the end alone was left.
    content,
    /// The input breaks a rule: see `why`. This is the last event.
    refused,
  };

  struct step {
    event what = event::need_more;
    /// With `head` and `content`: the request ends here.
    bool is_last = false;
    /// Octets of the input that were consumed.
    std::size_t consumed = 0;
    /// With `content`: the octets, inside the input.
    std::string_view content{};
  };

  /// @param limits  must outlive the decoder
  /// @param cache  spares the parsing of repeated heads; may be null; must outlive the decoder
  explicit decoder(const limits& max, head_cache* cache = nullptr) noexcept
      : limits_(&max), cache_(cache) {}

  /// Returns the next event for `input`: all octets not yet consumed. After `need_more`, keep the
  /// unconsumed octets and call again with more appended.
  step next(std::string_view input);

  /// Returns the request of the `head` event, without content, peer and parameters. Call it once.
  request take_request();

  /// Why the input is refused.
  [[nodiscard]] const refusal& why() const noexcept { return *why_; }

  /// Whether the request being received has the method HEAD, as far as its octets show: its refusal
  /// has no content.
  [[nodiscard]] bool is_head_request() const noexcept { return is_head_request_; }

  /// After `head`: whether content follows.
  [[nodiscard]] bool has_content() const noexcept { return state_ != state::head; }

  /// After `head`: sets the most octets of content to take, in place of `limits::content_bytes`;
  /// longer content is refused.
  void limit_content(std::uint64_t most) noexcept { content_limit_ = most; }

  /// After `head`: octets of content that follow; empty if the content is chunked.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept;

  /// Takes the next `n` octets of the content, which did not go through `next`. At most as many as
  /// `content_length` returns.
  /// @returns whether the request ends there
  bool skip_content(std::uint64_t n) noexcept {
    content_left_ -= n;
    if (content_left_ == 0)
      state_ = state::head;
    return content_left_ == 0;
  }

  /// After `head`: whether the content has the chunked transfer coding, so that its length is known
  /// only at its end.
  [[nodiscard]] bool is_chunked() const noexcept { return state_ == state::chunked_content; }

  /// Whether no octet of the next request has arrived.
  [[nodiscard]] bool between_requests() const noexcept {
    return state_ == state::head && scanner_.is_at_start();
  }

private:
  enum class state : std::uint8_t { head, fixed_content, chunked_content, refused };

  step next_head(std::string_view input);
  [[nodiscard]] std::size_t read_plain_head(std::string_view input, detail::framing& content);
  const refusal* parse_head(std::string_view head, detail::framing& content);
  step begin_request(std::string_view head, const detail::framing& content, std::size_t skipped);
  step judge_incomplete_head(std::string_view input, const head_scanner::outcome& found);
  step next_fixed_content(std::string_view input);
  step next_chunked_content(std::string_view input);
  step refuse(const refusal& why) noexcept;

  const limits* limits_;
  head_scanner scanner_;
  detail::head_judge judge_;
  state state_ = state::head;
  bool is_head_request_ = false;
  head_cache* cache_;
  request request_{nullptr};
  const refusal* why_ = nullptr;
  std::uint64_t content_left_ = 0;
  std::uint64_t content_limit_ = 0;
  chunked_decoder chunked_;
};

} // namespace sake::http
