// The actor of one client connection.
#pragma once

#include "../../http/access_tracker.hpp"
#include "../../http/peer.hpp"
#include "../../http/protocol.hpp"
#include "../reactor/deadline_wheel.hpp"
#include "../reactor/listed.hpp"
#include "../reactor/reactor_actor.hpp"
#include "client_port.hpp"
#include "connection_limit.hpp"
#include "input_reader.hpp"
#include "output_writer.hpp"
#include "request_sink.hpp"
#include "transport.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sake::actors {

struct open_connection_tag;

/// The actor of one client connection, with a transport and a protocol: reads octets, sends each
/// decoded request to the router, and writes the responses, all ready ones in one write.
///
/// While the protocol has enough requests, or the peer does not read the output, the connection
/// does not read either. Between two requests it holds no buffer. Keeps itself alive until it is
/// closed.
class connection final : public reactor_actor,
                         public listed<open_connection_tag>,
                         public client_port,
                         private http::protocol_events,
                         private transport::owner,
                         private deadline,
                         private reactor::flushable {
public:
  connection(caf::actor_config& cfg, actors::reactor& home, request_sink& sink,
             std::unique_ptr<transport> carrier, http::peer peer);
  ~connection() override;
  const char* name() const override { return "sake.connection"; }

  /// Starts to read. A place that is not to be served gets 503, and the connection closes.
  void start(connection_limit::place place);

  /// Answers the requests that were received, then closes. If there are none, closes at once,
  /// except a fresh connection, which may still get its first request (`http::protocol::drain`).
  void drain();

  /// Closes at once. Later responses are dropped.
  /// @param unsent  how observers see the responses that have not gone out
  void close(http::access_outcome unsent = http::access_outcome::cut_off);

  [[nodiscard]] const http::peer& peer() const noexcept { return peer_; }

  // -- client_port ------------------------------------------------------------------

  [[nodiscard]] http::response_port& responses() noexcept override { return *protocol_; }
  void respond_to(caf::mailbox_element_ptr& asked, http::response&& answer) override;
  void note_route(std::uint64_t id, routing::route_info route) noexcept override;
  void fail() noexcept override;

private:
  enum class phase : std::uint8_t {
    handshake, ///< of the transport
    open,
    lingering, ///< all output is written, and the peer has time to read it
    ending,    ///< the transport ends its output
    closed
  };

  // -- failures -------------------------------------------------------------------
  /// Calls `function`. An exception, such as `std::bad_alloc` when a buffer grows, closes only this
  /// connection.
  template <class Function>
  void guard(Function function) noexcept;
  void give_up(const char* why) noexcept;

  // -- messages -------------------------------------------------------------------
  void receive(caf::mailbox_element_ptr& message) override;
  void take_message(caf::mailbox_element_ptr message);

  // -- events of the transport -----------------------------------------------------
  void on_readable() override;
  void on_writable() override;
  void on_peer_ended() override;
  void retry();

  // -- the beginning ----------------------------------------------------------------
  void continue_handshake(io_result result);
  void open();
  void choose_protocol(std::string_view first_octets);
  [[nodiscard]] bool await(io_result result);

  // -- events of the protocol ------------------------------------------------------
  [[nodiscard]] http::access_tracker* access() noexcept override { return access_.get(); }
  [[nodiscard]] http::content_rules rules_for(http::request& message) override;
  void on_request(std::uint64_t id, http::request message) override;
  void dispatch(std::uint64_t id, http::request message);
  void on_refusal(const http::refusal& why, http::request* refused) override;
  void on_progress() override;
  [[nodiscard]] time_point now() const noexcept override { return home().now(); }

  // -- input ------------------------------------------------------------------------
  void expect_content(bool is_next) noexcept;
  bool read();
  [[nodiscard]] io_result read_content(const http::protocol::content_memory& next,
                                       std::string_view& input);
  [[nodiscard]] http::protocol_state digest(std::string_view& input);
  [[nodiscard]] http::protocol_state digest_and_keep(std::string_view input);
  void yield();
  void take_turn();
  [[nodiscard]] bool accepts_input() const noexcept;
  [[nodiscard]] bool may_read(http::protocol_state now) const noexcept;
  /// Returns whether there is nothing to answer, to decode or to send.
  [[nodiscard]] bool is_at_rest() const noexcept;
  void peer_finished();
  void look_at_peer();

  // -- output -----------------------------------------------------------------------
  void flush() override;
  http::protocol_state flush_batch();
  bool send();
  void await_room(io_result sent);
  void fail_output(io_result why);

  // -- life -------------------------------------------------------------------------
  void go_on(http::protocol_state state);
  void choose_ending();
  void lose_client() { close(http::access_outcome::client_left); }
  void linger();
  void close_in_order();
  void begin_drain();
  void try_end_output();
  [[nodiscard]] bool is_closed() const noexcept { return phase_ == phase::closed; }
  void wait_readable();
  void wait_writable();

  // -- deadlines --------------------------------------------------------------------
  [[nodiscard]] time_point due() noexcept;
  void set_deadline();
  void set_deadline(time_point when);
  void expired(time_point now) override;
  void expire(time_point now);

  request_sink& sink_;
  /// Held while the connection is open.
  connection_limit::place place_;
  std::unique_ptr<transport> transport_;
  input_reader reader_;
  output_writer writer_;
  /// Null if there are no observers, and before `start`.
  std::unique_ptr<http::access_tracker> access_;
  /// Null before `start`; an `opening_protocol` until one is chosen.
  std::unique_ptr<http::protocol> protocol_;
  /// A free `request_message` for the next request. Holds a reference to this connection until the
  /// connection is closed.
  caf::mailbox_element_ptr spare_;
  /// The reference that keeps an open connection alive.
  caf::strong_actor_ptr self_;
  http::peer peer_;
  std::shared_ptr<const http::transport_facts> facts_;

  time_point armed_for_ = time_point::max();
  time_point accepted_;
  /// When a lingering or ending connection is closed: if the peer is silent; and at the latest.
  time_point closing_due_;
  time_point linger_end_;

  /// Requests begun since other work had its turn.
  std::uint32_t begun_ = 0;
  /// No request is begun until other work has had its turn.
  bool has_yielded_ = false;
  phase phase_ = phase::handshake;
  bool is_chosen_ = false;
  /// The protocol has memory for the content that comes next.
  bool awaits_content_ = false;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  /// The transport must read before it can write, or write before it can read.
  bool write_needs_readable_ = false;
  bool read_needs_writable_ = false;
  /// The transport has told the peer that nothing more comes.
  bool has_ended_output_ = false;
  bool peer_done_ = false;
  /// The peer has ended its input, and no further response is for it.
  bool client_left_ = false;
  bool draining_ = false;
  bool failed_ = false;
};

} // namespace sake::actors
