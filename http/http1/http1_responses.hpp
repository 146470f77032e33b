// The sending half of HTTP/1.1 on one connection, without I/O.
#pragma once

#include "../access_tracker.hpp"
#include "../output.hpp"
#include "../refusal.hpp"
#include "../response.hpp"
#include "../response_port.hpp"
#include "../settings.hpp"
#include "encoder.hpp"
#include "pipeline.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sake::http {

/// Returns the name of the protocol version, as observers get it.
[[nodiscard]] constexpr std::string_view protocol_name(int minor_version) noexcept {
  return minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

/// The sending half of HTTP/1.1 on one connection (RFC 9112), without I/O: takes responses in any
/// order, and encodes them in the order of their requests.
///
/// Calls with an id are those of `response_port`. Each of them does nothing if the request is over,
/// and returns whether it had an effect. Holds memory only while a request waits
/// for its response. Belongs to the thread of its connection.
class http1_responses {
public:
  /// @param access  told of the responses; may be null. Both must outlive this object
  http1_responses(const settings& config, access_tracker* access) noexcept
      : settings_(config), access_(access) {}

  // -- requests -------------------------------------------------------------------

  /// Adds a request behind all others, with the next id.
  /// @returns what is known of its response, for the caller to set
  pipelined_response& add();
  /// Adds a refused request with its response, which is the last.
  void add_refused(const refusal& why, bool is_head);
  /// Replaces the response to the last request, or cuts it, and cancels the request.
  void refuse_last(const refusal& why);
  /// Cancels the last request if its response is not complete, and removes it. No request may
  /// follow.
  void cancel_last() noexcept;
  /// The same for the first request whose response is not complete, and all behind it.
  void cancel_waiting() noexcept;

  /// The id of the last request, and so their number.
  [[nodiscard]] std::uint64_t last_id() const noexcept { return last_id_; }
  [[nodiscard]] bool empty() const noexcept { return queue_ == nullptr || queue_->all.empty(); }
  [[nodiscard]] std::size_t size() const noexcept {
    return queue_ != nullptr ? queue_->all.size() : 0;
  }
  /// Octets of content in responses that are not encoded yet.
  [[nodiscard]] std::size_t ready_octets() const noexcept {
    return queue_ != nullptr ? queue_->ready_octets : 0;
  }
  /// Whether one request waits for a response of which nothing is there.
  [[nodiscard]] bool awaits_only_one() const noexcept {
    return size() == 1 && queue_->all.front().at == pipelined_response::state::waiting;
  }
  /// Whether all of every response is there.
  [[nodiscard]] bool all_complete() const noexcept;
  /// Whether the connection persists after the last response. Must not be empty.
  [[nodiscard]] bool last_keeps_alive() const noexcept { return queue_->all.back().keep_alive; }
  /// The connection ends with the last response. Does nothing if there is none.
  void close_after_last() noexcept {
    if (!empty())
      queue_->all.back().keep_alive = false;
  }

  /// Told of requests and responses; null if there are no observers.
  [[nodiscard]] access_tracker* access() const noexcept { return access_; }

  // -- responses ------------------------------------------------------------------

  bool respond(std::uint64_t id, response&& answer);
  bool begin(std::uint64_t id, response head, bool has_length, response_observer& by);
  /// As `respond`, but the content, without one of a file, goes through a tunnel, which ends then.
  /// The request must be the last.
  bool respond_as_tunnel(std::uint64_t id, response&& answer);
  /// Begins a tunnel. The request must be the last.
  bool begin_tunnel(std::uint64_t id, response head, response_observer& by);
  write_result write(std::uint64_t id, std::string_view octets);
  bool end(std::uint64_t id);
  bool cut(std::uint64_t id, response instead);
  void observe(std::uint64_t id, response_observer* by) noexcept;

  // -- encoding -------------------------------------------------------------------

  /// The content of the last request that has not arrived when its response goes out.
  enum class missing_content : std::uint8_t {
    none,      ///< it is complete
    droppable, ///< the rest may be dropped, so that the connection persists
    closing    ///< the connection must close
  };

  /// Appends to `out` every response that may go out now, up to a limit on octets ahead of the
  /// peer. The octets that were written since the last call go out as one chunk.
  /// @returns whether there is more
  bool encode(output& out, std::string_view date_line, missing_content missing);

  /// Whether the response to the request with this id is the next to go out.
  [[nodiscard]] bool is_next(std::uint64_t id) const noexcept {
    return id + size() == last_id_ + 1;
  }

  /// Whether a response is ready to be encoded.
  [[nodiscard]] bool has_ready() const noexcept;

  // -- deadlines ------------------------------------------------------------------

  /// Returns the deadline of the next response.
  [[nodiscard]] time_point due() const noexcept;
  /// Sets the deadline of the response to the request with this id, if there is none yet.
  /// @returns whether there is none yet
  bool limit_time(std::uint64_t id, time_point due) noexcept;
  /// Sets the deadline of the last response. Must not be empty.
  void limit_last(time_point due) noexcept { queue_->all.back().due = due; }

  /// The effect of a deadline.
  enum class expiry : std::uint8_t { none, cancelled, answered };
  /// Cancels the request that is due first, if it is late; it is 504 if it has no observer.
  expiry expire(time_point now);

  // -- the end --------------------------------------------------------------------

  /// From now on, a response with no request behind it closes the connection.
  void drain() noexcept { is_draining_ = true; }
  /// Whether the response that closes the connection has begun to go out.
  [[nodiscard]] bool is_closing() const noexcept { return is_closing_; }
  /// Whether there is no further output.
  [[nodiscard]] bool is_done() const noexcept { return is_done_; }
  /// No further response goes out.
  void finish() noexcept { is_done_ = is_closing_ = true; }
  /// Cancels all requests and drops their responses.
  void cancel_all() noexcept;
  /// Whether an orderly close now would make incomplete content look complete.
  [[nodiscard]] bool needs_reset() const noexcept;

  /// Frees memory. Must be empty.
  /// @returns whether there was a request since the last call
  bool rest() noexcept;

private:
  // Held only while a response is awaited. Pooled.
  struct queue {
    pipeline all;
    /// Octets of content in the responses.
    std::size_t ready_octets = 0;
    /// Whether some request has its own time limit, so that a later one may be due first.
    bool times_differ = false;
    queue* next_free = nullptr;
  };

  queue& own_queue();
  [[nodiscard]] pipelined_response* find(std::uint64_t id, pipelined_response::state at) noexcept;
  [[nodiscard]] pipelined_response* next_due() const noexcept;
  void note_answer(std::uint64_t id) const noexcept {
    if (access_ != nullptr) [[unlikely]]
      access_->on_answer(id);
  }
  void note_output(std::size_t ahead, bool is_through) const noexcept;
  void put(pipelined_response& into, response&& answer) noexcept;
  void cut(pipelined_response& late, response instead);
  static void cancel(pipelined_response& late, int status) noexcept;
  void remove_last() noexcept;
  [[nodiscard]] std::size_t complete_count() const noexcept;
  void pop();
  [[nodiscard]] static bool has_piece(const pipelined_response& next) noexcept;
  [[nodiscard]] bool closes(const pipelined_response& next) const noexcept;
  [[nodiscard]] encode_options options_for(const pipelined_response& next, bool keep_alive,
                                           std::string_view date_line) const noexcept;
  void encode_whole(const pipelined_response& next, output& out, std::string_view date_line,
                    missing_content missing);
  bool encode_pieces(pipelined_response& next, output& out, std::string_view date_line,
                     missing_content missing);
  void encode_first(pipelined_response& next, output& out, std::string_view date_line,
                    missing_content missing);
  void encode_content(pipelined_response& next, output& out);

  const settings& settings_;
  access_tracker* access_;
  std::unique_ptr<queue> queue_;
  std::uint64_t last_id_ = 0;
  bool is_draining_ = false;
  bool is_closing_ = false;
  bool is_done_ = false;
  bool needs_reset_ = false;
};

} // namespace sake::http
