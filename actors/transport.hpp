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
