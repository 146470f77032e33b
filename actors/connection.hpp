// The actor of one client connection.
#pragma once

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/reactor_actor.hpp>
#include <sake/actors/shard.hpp>
#include <sake/actors/slot_queue.hpp>
#include <sake/actors/transport.hpp>
#include <sake/http/decoder.hpp>
#include <sake/http/peer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sake::actors {

/// The actor of one client connection: reads octets, sends each request that they make to the
/// router, and writes the responses in the order of the requests, all that are ready in one write.
///
/// Several requests may be under way, up to a bound; past it, and while the peer does not read what
/// was sent, the connection does not read either. Between two requests it holds no buffer.
/// Keeps itself alive until it is closed.
class connection final : public reactor_actor,
                         public listed<open_connection_tag>,
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

  /// Answers 503 and closes: there are too many connections.
  void turn_away();

  /// Answers what was asked and closes then; at once when nothing was.
  void drain();

  /// Closes at once. Responses that come later are dropped.
  void close();

private:
  struct working_set;

  // Why a deadline is running.
  enum class receiving : std::uint8_t { nothing, head, content };

  // -- messages -------------------------------------------------------------------
  void receive(caf::mailbox_element_ptr message) override;
  void on_exit() override { close(); }

  // -- what the transport tells ----------------------------------------------------
  void on_readable() override;
  void on_writable() override;

  // -- input ------------------------------------------------------------------------
  void read();
  void decode_received();
  [[nodiscard]] std::string_view decode(std::string_view input);
  void note_progress();
  [[nodiscard]] bool accepts_input() const noexcept;
  void begin_request(http::request request, bool is_complete);
  void add_content(std::string_view octets, bool is_last);
  void begin_stream();
  void resume_content();
  void dispatch(http::request request);
  void refuse(const http::refusal& why);
  void peer_finished();

  // -- output -----------------------------------------------------------------------
  void flush() override;
  void flush_batch();
  void encode_ready();
  void encode(slot& next, http::buffer& out);
  void send();
  void send_unsent();
  void await_peer();

  // -- life -------------------------------------------------------------------------
  void go_on();
  void put_work_away();
  void finish();
  void linger();
  void wait_readable();
  void wait_writable();
  [[nodiscard]] bool is_idle() const noexcept;
  working_set& work();

  // -- deadlines --------------------------------------------------------------------
  [[nodiscard]] time_point due() noexcept;
  void set_deadline();
  void arm(time_point when);
  void expired(time_point now) override;

  shard& shard_;
  std::unique_ptr<transport> transport_;
  http::decoder decoder_;
  /// What a connection needs only while it has something to do.
  std::unique_ptr<working_set> work_;
  /// The reference that keeps an open connection alive.
  caf::strong_actor_ptr self_;
  http::peer peer_;
  receiving receiving_ = receiving::nothing;

  std::uint64_t requests_ = 0;
  /// When the head or the content being received must be complete, or the next request begin, or
  /// a lingering peer close.
  time_point receive_due_;
  time_point write_due_ = time_point::max();
  time_point armed_for_ = time_point::max();
  std::uint64_t content_received_ = 0;
  /// Where the time for content begins; when a lingering connection ends at the latest.
  time_point content_base_;
  time_point content_arrived_;

  bool waits_readable_ = false;
  bool waits_writable_ = false;
  bool decoding_ = false;
  /// No further request is read from this connection.
  bool input_done_ = false;
  bool peer_done_ = false;
  bool refused_ = false;
  /// The last response has been encoded.
  bool output_done_ = false;
  bool owes_continue_ = false;
  bool lingers_ = false;
  bool closed_ = false;
};

} // namespace sake::actors
