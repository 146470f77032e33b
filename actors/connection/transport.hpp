// Carries a connection's octets.
#pragma once

#include "../../http/output.hpp"
#include "../../http/transport_facts.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sake::actors {

class reactor;

/// The result of one attempt.
struct io_result {
  enum class outcome {
    done,
    needs_readable, ///< try again after `on_readable`
    needs_writable, ///< try again after `on_writable`
    closed,         ///< the peer has sent its last octet
    incomplete,     ///< a file of the output cannot be read to the end of its part
    failed          ///< the connection is lost
  };

  outcome what = outcome::done;
  /// Octets moved when `done`.
  std::size_t octets = 0;
};

/// Carries a connection's octets and knows nothing of HTTP: a socket, TLS over one, or memory in
/// tests. No call blocks; the owner is notified when a wait ends. Belongs to one reactor, but once
/// it is closed, any thread may destroy it: an actor elsewhere may hold the last reference to the
/// connection, with its request.
///
/// An attempt of one direction may have to wait for the other, as TLS does. A transport that holds
/// octets of its own sends them by itself, and counts them in `in_transit`.
class transport {
public:
  class owner {
  public:
    /// A wait of this kind is over: try again. Not called after `close`.
    virtual void on_readable() = 0;
    virtual void on_writable() = 0;
    /// The peer has sent its last octet, or is gone, while input is not waited for: see
    /// `peer_state`. If the peer is gone, called at once in any case.
    virtual void on_peer_ended() = 0;

  protected:
    ~owner() = default;
  };

  virtual ~transport() = default;

  /// Sets the owner. Must be called before the first wait.
  virtual void attach(owner& o) noexcept = 0;

  /// Begins a wait; at most one of each kind at a time. It ends as soon as an attempt may succeed,
  /// be it by octets that the transport holds already, or that another attempt leaves behind.
  virtual void wait_readable() = 0;
  virtual void wait_writable() = 0;

  // -- the handshake: before the first read and write -------------------------------

  /// Begins the handshake, or goes on with it. A transport without one is done at once.
  virtual io_result handshake() noexcept { return {}; }
  /// Returns the name of the protocol that the handshake has agreed on (RFC 7301); empty if it has
  /// agreed on none.
  [[nodiscard]] virtual std::string_view agreed() const noexcept { return {}; }
  /// Returns what the handshake has told of the peer; null for a transport without one.
  [[nodiscard]] virtual std::shared_ptr<const http::transport_facts> facts() const { return {}; }

  // -- octets -----------------------------------------------------------------------

  /// The owner can do nothing before `octets` more have come, or the peer has sent its last one:
  /// until the next call of this, a wait for input need not end earlier, nor one that has begun. 1:
  /// it ends at any octet.
  virtual void expect(std::size_t /*octets*/) noexcept {}

  /// Reads at most `size` octets.
  virtual io_result read(char* to, std::size_t size) noexcept = 0;
  /// Writes octets from the front of `from`, which must not be empty, as many as may go out now.
  /// The caller consumes them.
  virtual io_result write(const http::output& from) noexcept = 0;

  enum class peer {
    open,     ///< more octets may come, or are there to be read
    finished, ///< all its octets were read, and no more will come
    gone      ///< it has reset or closed the connection: written octets do not reach it
  };
  /// Returns the state of the peer, as far as it is known without reading.
  [[nodiscard]] virtual peer peer_state() const noexcept { return peer::open; }

  /// Written octets that the peer has not taken yet, as far as known.
  [[nodiscard]] virtual std::size_t in_transit() const noexcept { return 0; }

  // -- the end ----------------------------------------------------------------------

  /// What follows the end of the output.
  enum class then : std::uint8_t {
    read, ///< the input is read on
    close ///< `close` follows as soon as the output has ended
  };
  /// Tells the peer that nothing more will be sent. May take several attempts.
  virtual io_result end_output(then next) noexcept = 0;

  /// Ends the connection and all waits.
  virtual void close() noexcept = 0;

  /// Like `close`, but tells the peer that the end was not orderly.
  virtual void reset() noexcept { close(); }
};

/// Makes the transports of accepted sockets.
class transport_factory {
public:
  virtual ~transport_factory() = default;

  /// Takes over `socket`, which is connected, unless it throws `std::system_error`: the reactor
  /// cannot watch the socket. Called on the thread of `home`.
  [[nodiscard]] virtual std::unique_ptr<transport> make(reactor& home, int socket) const = 0;
};

} // namespace sake::actors
