// A transport in memory, with the test at its other end.
#pragma once

#include <sake/actors/transport.hpp>
#include <sake/testing/ready_queue.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sake::testing {

/// The peer of a connection over memory: what a client's socket would be. Its transport tells its
/// owner of readiness as a socket does, when its turn comes in the queue. A handle: copies are the
/// same peer. Belongs to one thread.
class memory_peer {
public:
  /// @param queue  outlives the connection
  explicit memory_peer(ready_queue& queue);

  /// The connection's end. Once.
  [[nodiscard]] std::unique_ptr<actors::transport> make_transport();

  // -- what the peer does ---------------------------------------------------------

  /// The connection has these octets to read.
  void send(std::string_view octets);
  /// Sends nothing more, and reads on.
  void finish();
  /// Is gone at once: every further read and write of the connection fails.
  void reset();
  /// Takes so many octets more, and then none until it is told again.
  void accept(std::size_t octets);
  /// Has yet to take so many of the octets that the connection has written.
  void set_in_transit(std::size_t octets);
  /// The connection gets at most so many octets at a time.
  void cut_reads(std::size_t octets);
  /// Everything received since the last call.
  [[nodiscard]] std::string take();

  // -- what the connection did ----------------------------------------------------

  /// Writes that the connection has tried.
  [[nodiscard]] std::size_t write_count() const;
  /// Received and not yet taken.
  [[nodiscard]] std::size_t untaken() const;
  /// Sent and not yet read by the connection.
  [[nodiscard]] std::size_t unread() const;
  /// Whether the connection waits for input.
  [[nodiscard]] bool awaits_input() const;
  /// Whether the connection waits until the peer accepts more.
  [[nodiscard]] bool awaits_room() const;
  /// Whether the connection has said that it sends nothing more.
  [[nodiscard]] bool has_shut_down() const;
  [[nodiscard]] bool is_closed() const;
  /// Whether the end was not orderly.
  [[nodiscard]] bool was_reset() const;
  /// Whether the transport was destroyed, and so the connection.
  [[nodiscard]] bool is_gone() const;

private:
  class transport;
  struct link;
  std::shared_ptr<link> link_;
};

} // namespace sake::testing
