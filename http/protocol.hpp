// What a connection and its protocol ask of each other.
#pragma once

#include "limits.hpp"
#include "output.hpp"
#include "refusal.hpp"
#include "request.hpp"
#include "response_port.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sake::http {

class access_tracker;

/// Receives the events of a protocol: its connection.
class protocol_events {
public:
  /// The tracker that must be told of requests and responses, on behalf of observers; null: there
  /// are none. The same at every call; outlives the protocol.
  [[nodiscard]] virtual access_tracker* access() noexcept { return nullptr; }
  /// Returns the content rules for the route of `message`. Called when the head is there, if
  /// content follows.
  [[nodiscard]] virtual content_rules rules_for(request& message) = 0;
  /// A request has arrived; `response_port` answers it by its id. Ids are never used twice.
  virtual void on_request(std::uint64_t id, request message) = 0;
  /// The peer broke a rule. Its refusal is the last response.
  /// @param refused  the request, if its head is complete and it was not handed on; else null
  virtual void on_refusal(const refusal& why, request* refused) = 0;
  /// `encode` has output, `receive` takes input again, or `due` is nearer. Not called inside
  /// `receive`: its caller must check anyway.
  virtual void on_progress() = 0;
  [[nodiscard]] virtual time_point now() const noexcept = 0;

protected:
  ~protocol_events() = default;
};

/// What is known of a connection when its protocol is chosen.
struct connection_start {
  /// When the connection was accepted: the deadline of the first head runs from here.
  time_point accepted;
  /// The name of the protocol that the handshake of the transport has agreed on (RFC 7301); empty
  /// if it has agreed on none.
  std::string_view agreed{};
  /// The first octets of the input; empty if none has been read.
  std::string_view first_octets{};
};

/// The most octets that tell protocols apart: the preface of HTTP/2 (RFC 9113 §3.4).
inline constexpr std::size_t telling_octets = 24;

/// The state of a protocol, in one octet.
class protocol_state {
public:
  /// The facts, each in a name of its own, to make a state of.
  struct facts {
    bool accepts_input = false;
    bool is_idle = false;
    bool is_fresh = false;
    bool is_over = false;
    bool awaits_content = false;
  };

  constexpr protocol_state() noexcept = default;
  constexpr explicit protocol_state(const facts& known) noexcept
      : bits_(static_cast<std::uint8_t>((known.accepts_input ? input : 0)
                                        | (known.is_idle ? idle : 0) | (known.is_fresh ? fresh : 0)
                                        | (known.is_over ? over : 0)
                                        | (known.awaits_content ? content : 0))) {}

  /// Whether `receive` would take anything. False is back-pressure, or the end of the input.
  [[nodiscard]] constexpr bool accepts_input() const noexcept { return (bits_ & input) != 0; }
  /// Whether no request has begun or is under way.
  [[nodiscard]] constexpr bool is_idle() const noexcept { return (bits_ & idle) != 0; }
  /// Whether no octet of a request has ever come.
  [[nodiscard]] constexpr bool is_fresh() const noexcept { return (bits_ & fresh) != 0; }
  /// Whether the last response has been encoded: no further one will come.
  [[nodiscard]] constexpr bool is_over() const noexcept { return (bits_ & over) != 0; }
  /// Whether `next_content` has memory for the next octets.
  [[nodiscard]] constexpr bool awaits_content() const noexcept { return (bits_ & content) != 0; }
  /// After `encode`: whether there is more output, for a call once this has been sent.
  [[nodiscard]] constexpr bool has_more() const noexcept { return (bits_ & more) != 0; }

  constexpr protocol_state& add_more(bool is_there) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | (is_there ? more : 0));
    return *this;
  }

private:
  static constexpr unsigned input = 1, idle = 2, fresh = 4, over = 8, more = 16, content = 32;

  std::uint8_t bits_ = 0;
};

/// The server's side of a protocol on one connection, without I/O: octets in, requests out;
/// responses in, octets out. HTTP/1.1 is one.
///
/// The connection owns it, passes octets both ways, and keeps its time: after each call it asks
/// `state` and `due`. Events come during calls, and when a handler takes content. Belongs to the
/// thread of its connection; once abandoned, any thread may destroy it.
class protocol : public response_port {
public:
  virtual ~protocol() = default;

  // -- input ----------------------------------------------------------------------

  /// Takes as much of `input` as it can, but begins at most `requests_per_turn` requests.
  /// @returns the octets not taken: an incomplete element, or input that must wait for
  ///          `accepts_input` or for another call. Pass them again with more appended
  virtual std::string_view receive(std::string_view input) = 0;

  /// Memory for input that is read where it stays.
  struct content_memory {
    /// Where to read it.
    std::span<char> memory{};
    /// Octets at the front of `memory` that are for content. What is read beyond them goes to
    /// `receive`.
    std::size_t size = 0;
  };
  /// Octets of large content that come next, if `state` says so: a request can do nothing before
  /// they are all there.
  [[nodiscard]] virtual std::size_t awaited_content() const noexcept { return 0; }
  /// Returns memory for such content; empty if there is none. Valid until the next call.
  [[nodiscard]] virtual content_memory next_content() { return {}; }
  /// The first `n` octets of that memory have been read.
  virtual void take_content(std::size_t /*n*/) {}

  /// Whether to `receive` while the peer does not take the output. The protocol must then limit its
  /// output itself. False: the connection does not read then.
  [[nodiscard]] virtual bool reads_while_blocked() const noexcept { return false; }

  /// What the end of the input leaves of the connection.
  enum class after_input : std::uint8_t {
    nothing,   ///< an incomplete request was the only one: close
    responses, ///< what is left to send, if anything
    tunnel     ///< a tunnel, each direction of which ends by itself
  };
  /// The peer has ended its input. Cancels a request whose content is incomplete; and, unless
  /// half-closed clients are served, every request that has no response yet: such a client has left
  /// or has only finished sending, nobody can tell.
  [[nodiscard]] virtual after_input finish_input() = 0;

  // -- output ---------------------------------------------------------------------

  /// Appends to `out`, which holds what the peer has not taken, the output that may go out now, up
  /// to a limit on octets ahead of the peer.
  /// @param date_line  "Date: …\r\n", or empty for none
  virtual protocol_state encode(output& out, std::string_view date_line) = 0;

  /// Answers with `why`, after the responses to earlier requests, and ends the connection.
  virtual void refuse(const refusal& why) = 0;

  // -- life -----------------------------------------------------------------------

  [[nodiscard]] virtual protocol_state state() const noexcept = 0;

  /// From now on, a response with no request behind it ends the connection. A first request that
  /// may be on its way is awaited for at most `fresh_grace`.
  virtual void drain() noexcept = 0;

  /// The connection is idle and holds no octets: frees memory and starts the idle deadline.
  /// @returns `due(false)`
  virtual time_point rest() = 0;

  /// The peer waits for no response any more: drops every response, cancels the requests under way,
  /// and fails content that is still arriving. There is no further output.
  virtual void abandon() = 0;

  /// How the connection must close.
  enum class ending : std::uint8_t {
    close,  ///< at once
    linger, ///< once the peer has had time to read: it may be sending octets that are not read
    reset   ///< so that the peer notices: in an orderly close, incomplete content looks complete
  };
  [[nodiscard]] virtual ending how_to_end() const noexcept = 0;

  // -- deadlines ------------------------------------------------------------------

  /// Returns the next deadline; `time_point::max()` if there is none.
  /// @param is_blocked  the peer does not take the output: it need not send meanwhile
  [[nodiscard]] virtual time_point due(bool is_blocked) noexcept = 0;

  /// The effect of a deadline that has passed.
  enum class expiry : std::uint8_t {
    response, ///< a late response: its observer was cancelled, or it is 504 if it has none
    input,    ///< the peer was refused with 408
    idle      ///< the peer sends no request: close
  };
  /// Handles the deadline that `due` returned, which has passed.
  virtual expiry expire(time_point now) = 0;
};

} // namespace sake::http
