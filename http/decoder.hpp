// Octets in, requests out: the receiving half of HTTP/1.1 (RFC 9112), without any input.
#pragma once

#include <sake/http/chunked.hpp>
#include <sake/http/detail/head_judge.hpp>
#include <sake/http/head_memo.hpp>
#include <sake/http/head_scanner.hpp>
#include <sake/http/limits.hpp>
#include <sake/http/refusal.hpp>
#include <sake/http/request.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sake::http {

/// Turns the octets of one connection into requests. Knows nothing of sockets: whoever owns it
/// reads, and asks for one event after the other.
///
///     for (;;) {
///       const auto step = decoder.next(received.view());
///       received.consume(step.consumed);
///       …
///     }
///
/// What comes out does not depend on how the input is cut. Between two requests it holds no heap
/// memory. Not thread-safe.
class decoder {
public:
  enum class event : std::uint8_t {
    /// Nothing can be said before more octets arrive.
    need_more,
    /// A head has arrived and passed every check: `take_request`.
    head,
    /// A part of the content has arrived; empty only where nothing but the end was left.
    content,
    /// The input breaks a rule: `why`. There is no event after this one.
    refused,
  };

  struct step {
    event what = event::need_more;
    /// With `head` and `content`: the request ends here.
    bool is_last = false;
    /// How many octets of the input are done with.
    std::size_t consumed = 0;
    /// With `content`: the octets, inside the input.
    std::string_view content{};
  };

  /// @param bounds  must outlive the decoder
  /// @param memo    spares it the parsing of heads that repeat; null for none; must outlive it
  explicit decoder(const limits& bounds, head_memo* memo = nullptr) noexcept
      : limits_(&bounds), memo_(memo) {}

  /// Gives the next event for `input`, which is everything that was not consumed. After
  /// `need_more`, keep what was not consumed and call again with more behind it.
  step next(std::string_view input);

  /// The request that the `head` event told of: without content, peer and parameters. Once.
  request take_request();

  /// Why the input is refused.
  [[nodiscard]] const refusal& why() const noexcept { return *why_; }

  /// Whether the request that is being received has the method HEAD, as far as its octets tell: its
  /// refusal has no content.
  [[nodiscard]] bool is_head_request() const noexcept { return is_head_request_; }

  /// After `head`: whether content follows.
  [[nodiscard]] bool has_content() const noexcept { return state_ != state::head; }

  /// After `head`: takes so many octets of content at most, in place of `limits::content_bytes`;
  /// past it the input is refused.
  void bound_content(std::uint64_t most) noexcept { content_bound_ = most; }

  /// After `head`: octets of content that follow; none where it is chunked.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept;

  /// After `head`: whether the content has the chunked transfer coding, so that its length shows
  /// only at its end.
  [[nodiscard]] bool is_chunked() const noexcept { return state_ == state::chunked_content; }

  /// Whether the next request has not begun: no octet of it has been seen.
  [[nodiscard]] bool between_requests() const noexcept {
    return state_ == state::head && scanner_.is_at_start();
  }

private:
  enum class state : std::uint8_t { head, fixed_content, chunked_content, refused };

  step next_head(std::string_view input);
  step judge_incomplete_head(std::string_view input, const head_scanner::outcome& found);
  step next_fixed_content(std::string_view input);
  step next_chunked_content(std::string_view input);
  step refuse(const refusal& why) noexcept;

  const limits* limits_;
  head_scanner scanner_;
  detail::head_judge judge_;
  state state_ = state::head;
  bool is_head_request_ = false;
  head_memo* memo_;
  request request_{nullptr};
  const refusal* why_ = nullptr;
  std::uint64_t content_left_ = 0;
  std::uint64_t content_bound_ = 0;
  chunked_decoder chunked_;
};

} // namespace sake::http
