// The server's side of HTTP/1.1 on one connection, without I/O.
#pragma once

#include "../detail/pooled_memory.hpp"
#include "../protocol.hpp"
#include "../settings.hpp"
#include "decoder.hpp"
#include "head_cache.hpp"
#include "http1_responses.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sake::http {

namespace detail {
struct arriving_content;
} // namespace detail

/// The server's side of HTTP/1.1 on one connection (RFC 9112), without I/O: octets in, requests
/// out; responses in, in any order, and octets out, in the order of the requests.
///
/// Several requests may be under way, up to a limit. Content that arrives together with its head is
/// delivered with the request, up to a limit; all other content is a stream, so that a handler can
/// answer as soon as the head is there. Responses come whole or in pieces. Between two requests it
/// holds no heap memory. Ids count up from 1.
class http1_protocol final : public protocol, public detail::pooled_memory<http1_protocol> {
public:
  /// Starts the head deadline of the first request. The first three arguments must outlive the
  /// protocol.
  /// @param cache  spares the parsing of repeated heads
  /// @param accepted  when the deadline begins
  http1_protocol(protocol_events& events, const settings& config, head_cache& cache,
                 time_point accepted) noexcept;
  http1_protocol(const http1_protocol&) = delete;
  http1_protocol& operator=(const http1_protocol&) = delete;
  ~http1_protocol() override;

  // -- protocol -------------------------------------------------------------------

  std::string_view receive(std::string_view input) override;
  [[nodiscard]] std::size_t awaited_content() const noexcept override;
  [[nodiscard]] content_memory next_content() override;
  void take_content(std::size_t n) override;
  [[nodiscard]] after_input finish_input() override;
  protocol_state encode(output& out, std::string_view date_line) override;
  void refuse(const refusal& why) override;
  [[nodiscard]] protocol_state state() const noexcept override;
  void drain() noexcept override;
  time_point rest() override;
  void abandon() override;
  [[nodiscard]] ending how_to_end() const noexcept override;
  [[nodiscard]] time_point due(bool is_blocked) noexcept override;
  expiry expire(time_point now) override;

  // -- response_port --------------------------------------------------------------

  void respond(std::uint64_t id, response&& answer) override;
  void begin_response(std::uint64_t id, response head, bool has_length,
                      response_observer& by) override;
  std::shared_ptr<content_stream> begin_tunnel(std::uint64_t id, response head,
                                               response_observer& by) override;
  write_result write(std::uint64_t id, std::string_view octets) override;
  void end_response(std::uint64_t id) override;
  void cut_response(std::uint64_t id, response instead) override;
  void observe(std::uint64_t id, response_observer* by) noexcept override;
  void limit_time(std::uint64_t id, std::chrono::milliseconds patience) noexcept override;

  // -- its parts ------------------------------------------------------------------

  /// Whether `receive` would take anything. False while too many requests wait for their response,
  /// while ready responses hold too many octets, and while the stream of arriving content is full.
  [[nodiscard]] bool accepts_input() const noexcept;
  /// Whether a response is ready to be encoded.
  [[nodiscard]] bool has_ready() const noexcept { return responses_.has_ready(); }
  /// Whether a request has not been answered.
  [[nodiscard]] bool has_unanswered() const noexcept { return !responses_.empty(); }
  /// The deadline of the next response.
  [[nodiscard]] time_point response_due() const noexcept { return responses_.due(); }
  /// The deadline for the peer to send a head, content, or the next request; never while it may not
  /// send.
  [[nodiscard]] time_point input_due() const noexcept;

private:
  // The input that `input_due_` waits for.
  enum class receiving : std::uint8_t { nothing, head, content };

  void refuse(const refusal& why, request* refused);
  [[nodiscard]] bool must_wait(std::string_view input) noexcept;
  void note_head();
  void note_request(const request& message);
  void note_output(std::uint64_t id);
  [[nodiscard]] bool accepts_connect(std::uint64_t id, int status) const noexcept;
  void begin_request(request message, bool is_complete);
  void note_content(std::size_t n);
  void add_content(std::string_view octets, bool is_last);
  void begin_stream();
  void drop_content(std::string_view octets, bool is_last);
  void end_content();
  [[nodiscard]] time_point handler_due(std::chrono::milliseconds patience) const noexcept;
  void set_handler_due();
  void resume_content();
  void end_stream();
  [[nodiscard]] std::string_view take_octets(std::string_view input);
  void dispatch(request message);
  [[nodiscard]] protocol_state state_now() const noexcept;
  [[nodiscard]] bool may_decode() const noexcept;
  [[nodiscard]] bool may_decode_more() const noexcept;
  void after_encode(output& out);
  [[nodiscard]] bool awaits_request() const noexcept;
  [[nodiscard]] bool has_stream() const noexcept;
  [[nodiscard]] bool waits_for_handler() const noexcept;
  [[nodiscard]] http1_responses::missing_content missing_content() const noexcept;
  [[nodiscard]] time_point after(std::chrono::milliseconds limit) const noexcept;

  protocol_events& events_;
  const settings& settings_;
  decoder decoder_;
  http1_responses responses_;
  /// Null between the end of the content and the next head.
  std::unique_ptr<detail::arriving_content> content_;
  /// What the client sends through a tunnel; null if there is none.
  std::shared_ptr<content_stream> tunnel_;
  time_point input_due_ = time_point::max();
  receiving receiving_ = receiving::nothing;
  bool decoding_ = false;
  /// No further request is read.
  bool input_done_ = false;
  bool refused_ = false;
  bool owes_continue_ = false;
  /// Input behind the last request waits for its response, which may begin a tunnel.
  bool may_switch_ = false;
  /// Of the last request.
  method last_method_ = method::get;
  /// The next request waits until all responses before it are complete.
  bool waits_for_responses_ = false;
};

} // namespace sake::http
