// The server's side of HTTP/1.1 on one connection, without any input or output.
#pragma once

#include <sake/http/buffer.hpp>
#include <sake/http/decoder.hpp>
#include <sake/http/encoder.hpp>
#include <sake/http/head_memo.hpp>
#include <sake/http/refusal.hpp>
#include <sake/http/request.hpp>
#include <sake/http/response.hpp>
#include <sake/http/settings.hpp>
#include <sake/http/slot_queue.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sake::http {

/// The server's side of HTTP/1.1 on one connection (RFC 9112), without any input or output: octets
/// in, requests out; responses in, in any order, and octets out, in the order of the requests.
///
/// Several requests may be under way, up to a bound. Content that has arrived with its head, up to a
/// bound, comes whole with its request; all other content is a stream that arrives behind it, so
/// that what the head alone decides is answered at the head. Responses come whole or in pieces. Between two requests it holds no heap memory. Belongs to the
/// thread of its connection.
class http1_protocol {
public:
  /// The connection that the protocol is spoken on.
  class connection {
  public:
    /// What the route of `message`, whose head is there, wants of its content.
    [[nodiscard]] virtual content_rules rules_for(request& message) = 0;
    /// A request has come, to be answered by `respond` with its id. Ids count up from 1.
    virtual void on_request(std::uint64_t id, request message) = 0;
    /// The peer broke a rule; what it gets for that is the last response.
    virtual void on_refusal(const refusal& why) = 0;
    /// `encode` has something to encode, or a full stream has room again. Not told of what comes
    /// about inside `receive`: its caller looks anyway.
    virtual void on_progress() = 0;
    [[nodiscard]] virtual time_point now() const noexcept = 0;

  protected:
    ~connection() = default;
  };

  /// @param memo  spares the parsing of heads that repeat. What is passed here outlives the
  /// protocol
  http1_protocol(connection& on, const settings& config, head_memo& memo) noexcept;
  http1_protocol(const http1_protocol&) = delete;
  http1_protocol& operator=(const http1_protocol&) = delete;
  ~http1_protocol();

  /// The connection stands: its first request is due as if the first octet had come with it.
  void start();

  // -- input ----------------------------------------------------------------------

  /// Takes what has arrived, as far as it can, but begins `requests_per_turn` requests at most.
  /// @returns what it did not take: an incomplete rest, or what has to wait until `accepts_input`
  ///          or for another call; to be given again with more behind it
  std::string_view receive(std::string_view input);

  /// Whether `receive` would take anything. No while too many requests wait for their response,
  /// while responses that are ready hold too many octets, and while nobody reads the content that
  /// has come.
  [[nodiscard]] bool accepts_input() const noexcept;

  /// The peer sends nothing more.
  /// @returns false when it left in the midst of a request that a handler has already: nobody can
  ///          answer that
  [[nodiscard]] bool finish_input();

  /// Nobody waits for the responses that are not ready: their requests are cancelled.
  void cancel_unanswered() noexcept;

  /// Whether the peer may still be sending what nobody will read.
  [[nodiscard]] bool leaves_input_unread() const noexcept;

  // -- output ---------------------------------------------------------------------

  /// Takes the response to the request with this id. Dropped when there is one already, or the
  /// request is over.
  void respond(std::uint64_t id, response answer);

  // A response in pieces: its head by `begin_response`, its content by `write`, and either end. All
  // do nothing where the request is over.

  /// Takes the head of the response; the deadline of the request no longer applies. `by` is told
  /// when its content is no longer waited for, and after `outlook::full` of room.
  ///
  /// @param has_length  the head has a Content-Length, which what is written adds up to
  void begin_response(std::uint64_t id, response head, bool has_length, answering& by);

  enum class outlook : std::uint8_t {
    room, ///< more is welcome
    full, ///< more is to wait, until `by` is told of room; it is taken all the same
    gone  ///< nobody takes it, as the request is over or was HEAD
  };
  /// Takes content; what is written before the next `encode` goes out as one chunk. Without octets
  /// it only tells the outlook.
  outlook write(std::uint64_t id, std::string_view octets);

  /// The content is complete.
  void end_response(std::uint64_t id);

  /// The content will never be complete: the connection ends without the end of the content, so
  /// that the peer sees it (RFC 9112 §8). Where the head has not gone out yet, `instead` does.
  void cut_response(std::uint64_t id, response instead);

  /// Tells `by` when the response to the request with this id is no longer waited for; null:
  /// nobody. Once there is a response, nobody is told.
  void watch(std::uint64_t id, answering* by) noexcept;

  /// Gives the request with this id so much time from now on, or from the end of its content, in
  /// place of `deadlines::request`; 0: no bound.
  void limit_time(std::uint64_t id, std::chrono::milliseconds patience) noexcept;

  /// Answers with `why`, behind the answers to what came before, and ends the connection.
  void refuse(const refusal& why);

  /// Appends to `out` what can be said now: every response whose turn it is, up to a bound on what
  /// is encoded ahead of the peer, and 100 Continue where content is waited for.
  /// @param date_line  as in `encode_options`
  void encode(buffer& out, std::string_view date_line);

  /// Whether a response waits to be encoded and may be.
  [[nodiscard]] bool has_ready() noexcept;

  // -- life -----------------------------------------------------------------------

  /// Whether some request has not been answered.
  [[nodiscard]] bool has_unanswered() const noexcept;
  /// Whether no request has begun or is under way.
  [[nodiscard]] bool is_idle() const noexcept;
  /// Whether the last response has been encoded.
  [[nodiscard]] bool is_over() const noexcept { return output_done_; }

  /// Whether an orderly end of the connection now would make content look complete that is not.
  [[nodiscard]] bool needs_reset() const noexcept;

  /// From now on the response that leaves none behind it says that it is the last. A first request
  /// that may be on its way is still waited for, for `fresh_grace` at most.
  void drain() noexcept;
  /// Whether no octet of a request has come yet.
  [[nodiscard]] bool is_fresh() const noexcept {
    return requests_ == 0 && decoder_.between_requests() && !input_done_;
  }
  [[nodiscard]] bool is_draining() const noexcept { return draining_; }

  /// When idle: gives memory back, and has the next request due from now on.
  void rest();

  /// The connection is gone: whoever reads content learns it, responses are dropped.
  void abandon();

  // -- deadlines --------------------------------------------------------------------

  /// When the next response must be there.
  [[nodiscard]] time_point response_due() noexcept;
  /// When the peer must have sent a head, content, or the next request; never while it may not
  /// send.
  [[nodiscard]] time_point input_due() const noexcept;

  /// What follows from a deadline that has passed.
  enum class expiry : std::uint8_t {
    response, ///< a response is late: whoever works on it was told; it is 504 in the next call
    input,    ///< the peer was refused with 408
    idle      ///< the peer has nothing to ask: close
  };
  expiry expire(time_point now);

private:
  struct working_set;

  // What `input_due_` is for.
  enum class receiving : std::uint8_t { nothing, head, content };

  void note_progress();
  void begin_request(request message, bool is_complete);
  void add_content(std::string_view octets, bool is_last);
  void begin_stream();
  void discard(std::string_view octets, bool is_last);
  void end_content();
  void set_handler_due();
  void resume_content();
  void end_stream();
  void dispatch(request message);
  [[nodiscard]] bool waits_for_handler() const noexcept;
  [[nodiscard]] slot* next_due() noexcept;
  [[nodiscard]] slot* find(std::uint64_t id, slot::stage at) noexcept;
  void note_output(const slot& of);
  static void cancel(slot& late, int status) noexcept;
  void cut(slot& late, response instead);
  void put(slot& into, response answer) noexcept;
  void pop();
  [[nodiscard]] static bool has_piece(const slot& next) noexcept;
  [[nodiscard]] bool is_early() const noexcept;
  [[nodiscard]] bool may_discard() const noexcept;
  void discard_content();
  [[nodiscard]] bool closes(const slot& next) const noexcept;
  void encode_whole(const slot& next, buffer& out, std::string_view date_line);
  [[nodiscard]] encode_options options_for(const slot& next, bool keep_alive,
                                           std::string_view date_line) const noexcept;
  bool encode_pieces(slot& next, buffer& out, std::string_view date_line);
  void encode_first(slot& next, buffer& out, std::string_view date_line);
  void encode_content(slot& next, buffer& out);
  working_set& work();
  [[nodiscard]] time_point after(std::chrono::milliseconds bound) const noexcept;

  connection& connection_;
  const settings& settings_;
  decoder decoder_;
  /// What is needed only while a request is under way.
  std::unique_ptr<working_set> work_;
  std::uint64_t requests_ = 0;
  time_point input_due_ = time_point::max();
  receiving receiving_ = receiving::nothing;
  bool decoding_ = false;
  /// No further request is read.
  bool input_done_ = false;
  /// The last response has been encoded.
  bool output_done_ = false;
  bool refused_ = false;
  bool owes_continue_ = false;
  bool draining_ = false;
  bool needs_reset_ = false;
};

} // namespace sake::http
