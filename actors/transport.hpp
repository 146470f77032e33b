// What carries a connection's octets.
#pragma once

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace sake::actors {

/// What became of one attempt to read or write.
struct io_result {
  enum class outcome { done, would_block, closed, failed };

  outcome what = outcome::done;
  /// Octets moved when `done`.
  std::size_t octets = 0;
};

/// Carries a connection's octets and knows nothing of HTTP: a socket, TLS over one, or memory in
/// tests. Reads and writes do not block; waits are told to the owner. Belongs to one reactor.
class transport {
public:
  class owner {
  public:
    /// A wait of this kind is over: try again. Not told after `close`.
    virtual void on_readable() = 0;
    virtual void on_writable() = 0;
    /// The peer has sent its last octet, or has gone, while input is not waited for: see
    /// `peer_state`. Told at once when the peer has gone, whatever is waited for.
    virtual void on_peer_ended() = 0;

  protected:
    ~owner() = default;
  };

  virtual ~transport() = default;

  /// Whom to tell. Before the first wait.
  virtual void attach(owner& o) noexcept = 0;

  /// Begins a wait; at most one of each kind at a time.
  virtual void wait_readable() = 0;
  virtual void wait_writable() = 0;

  /// `closed` when the peer has sent its last octet.
  virtual io_result read(char* to, std::size_t size) noexcept = 0;
  virtual io_result write(std::string_view octets) noexcept = 0;

  enum class peer {
    open,     ///< more may come, or has come and is to be read
    finished, ///< all that it has sent was read, and nothing more will come
    gone      ///< it has reset or closed the connection: nothing that is written reaches it
  };
  /// What is known of the peer without reading.
  [[nodiscard]] virtual peer peer_state() const noexcept { return peer::open; }

  /// Octets that were written and that the peer has not taken yet, as far as this is known.
  [[nodiscard]] virtual std::size_t in_transit() const noexcept { return 0; }

  /// Tells the peer that nothing more will be sent.
  virtual void shutdown_send() noexcept = 0;

  /// Ends the connection and all waits.
  virtual void close() noexcept = 0;

  /// As `close`, but lets the peer know that the end was not orderly.
  virtual void reset() noexcept { close(); }
};

} // namespace sake::actors
