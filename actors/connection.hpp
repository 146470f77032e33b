// The actor of one client connection.
#pragma once

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/reactor_actor.hpp>
#include <sake/actors/shard.hpp>
#include <sake/actors/transport.hpp>
#include <sake/http/buffer.hpp>
#include <sake/http/http1_protocol.hpp>
#include <sake/http/peer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sake::actors {

/// The actor of one client connection, a transport and a protocol: reads octets, sends each request
/// that they make to the router, and writes the responses, all that are ready in one write.
///
/// While the protocol has enough to do, and while the peer does not read what was sent, the
/// connection does not read either. Between two requests it holds no buffer. Keeps itself alive
/// until it is closed.
class connection final : public reactor_actor,
                         public listed<open_connection_tag>,
                         private http::http1_protocol::connection,
                         private transport::owner,
                         private deadline,
                         private reactor::flushable {
public:
  connection(caf::actor_config& cfg, actors::reactor& home, shard& own,
             std::unique_ptr<transport> carrier, http::peer peer);
  ~connection() override;
  const char* name() const override { return "sake.connection"; }

  /// Begins to read.
  void start();

  /// Takes the response to the request with this id: what a response message does, for a sender on
  /// the same reactor.
  void respond(caf::message_id id, http::response response);

  /// Tells `by` when nobody waits for the response to the request with this id any more; null:
  /// nobody.
  void watch(caf::message_id id, http::answering* by) noexcept;

  /// Gives the request with this id so much time, in place of `deadlines::request`.
  void limit_time(caf::message_id id, std::chrono::milliseconds patience) noexcept;

  // A response in pieces: as `http1_protocol` has it.

  void begin_response(caf::message_id id, http::response head, bool has_length,
                      http::answering& by);
  http::http1_protocol::outlook write(caf::message_id id, std::string_view octets);
  void end_response(caf::message_id id);
  void cut_response(caf::message_id id, http::response instead);

  /// Takes back the message that a request was sent in, to send the next one in: making one anew
  /// costs a good part of a request.
  void take_back(caf::mailbox_element_ptr message) noexcept;

  /// Answers 503 and closes: there are too many connections.
  void turn_away();

  /// Answers what was asked and closes then; at once when nothing was.
  void drain();

  /// Closes at once. Responses that come later are dropped.
  void close();

  /// Closes at the end of the turn: a response is lost, so none behind it can be sent.
  void fail() noexcept;

private:
  struct buffers;

  // -- what fails -----------------------------------------------------------------
  /// Calls `function`. What it throws, such as `std::bad_alloc` where a buffer is to grow, ends this
  /// connection and nothing else.
  template <class Function>
  void guard(Function function) noexcept;
  void give_up(const char* why) noexcept;

  // -- messages -------------------------------------------------------------------
  void receive(caf::mailbox_element_ptr& message) override;
  void take_message(caf::mailbox_element_ptr message);

  // -- what the transport tells ----------------------------------------------------
  void on_readable() override;
  void on_writable() override;
  void on_peer_ended() override;

  // -- what the protocol tells -----------------------------------------------------
  [[nodiscard]] http::content_rules rules_for(http::request& message) override;
  void on_request(std::uint64_t id, http::request message) override;
  void dispatch(std::uint64_t id, http::request message);
  void on_refusal(const http::refusal& why) override;
  void on_progress() override;
  [[nodiscard]] time_point now() const noexcept override { return home().now(); }

  // -- input ------------------------------------------------------------------------
  void read();
  [[nodiscard]] std::string_view digest(std::string_view input);
  void digest_received();
  void yield();
  void take_turn();
  [[nodiscard]] bool accepts_input() const noexcept;
  /// Whether there is nothing to answer, to decode or to send.
  [[nodiscard]] bool is_at_rest() const noexcept;
  void peer_finished();
  void look_at_peer();

  // -- output -----------------------------------------------------------------------
  void flush() override;
  void flush_batch();
  void send();
  void send_unsent();
  void await_peer();
  [[nodiscard]] bool peer_reads() const noexcept;

  // -- life -------------------------------------------------------------------------
  void go_on();
  void finish();
  void linger();
  void wait_readable();
  void wait_writable();
  [[nodiscard]] bool has_received() const noexcept;
  [[nodiscard]] bool has_unsent() const noexcept;
  buffers& own_buffers();
  void put_buffers_away();

  // -- deadlines --------------------------------------------------------------------
  [[nodiscard]] time_point due() noexcept;
  void set_deadline();
  void expired(time_point now) override;
  void expire(time_point now);

  shard& shard_;
  std::unique_ptr<transport> transport_;
  http::http1_protocol protocol_;
  /// What could not be decoded or sent at once.
  std::unique_ptr<buffers> buffers_;
  /// A message that no request is in. Refers to this connection, until it is closed.
  caf::mailbox_element_ptr spare_;
  /// The reference that keeps an open connection alive.
  caf::strong_actor_ptr self_;
  http::peer peer_;

  time_point armed_for_ = time_point::max();
  /// When the peer must have taken its share.
  time_point write_due_ = time_point::max();
  /// When a lingering connection ends, unless the peer goes on sending; and at the latest.
  time_point linger_due_;
  time_point linger_end_;

  /// Requests that were begun since others had their turn.
  std::uint32_t begun_ = 0;
  /// No request is begun until others have had their turn.
  bool has_yielded_ = false;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool peer_done_ = false;
  bool lingers_ = false;
  bool closed_ = false;
  bool failed_ = false;
};

} // namespace sake::actors
