// A transport in memory, with the test at its other end.
#pragma once

#include "../../actors/connection/transport.hpp"
#include "ready_queue.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sake::testing {

/// The peer of a connection over memory, in the place of a client's socket. Its transport reports
/// readiness to its owner as a socket does, in the order the queue handles events. A handle: copies
/// refer to the same peer. Belongs to one thread.
class memory_peer {
public:
  /// @param queue  must outlive the connection
  explicit memory_peer(ready_queue& queue);

  /// Returns the connection's end. Call it once.
  [[nodiscard]] std::unique_ptr<actors::transport> make_transport();

  // -- actions of the peer --------------------------------------------------------

  /// Makes these octets readable for the connection.
  void send(std::string_view octets);
  /// Ends sending; the peer still reads.
  void finish();
  /// Fails every further read and write of the connection.
  void reset();
  /// Accepts this many more octets, then none until the next call.
  void accept(std::size_t octets);
  /// Sets how many of the written octets the peer has not taken yet.
  void set_in_transit(std::size_t octets);
  /// Limits the octets that one read of the connection returns.
  void cut_reads(std::size_t octets);
  /// Returns all octets received since the last call.
  [[nodiscard]] std::string take();

  // -- state of the connection ----------------------------------------------------

  /// Writes that the connection has tried.
  [[nodiscard]] std::size_t write_count() const;
  /// Octets received and not yet taken.
  [[nodiscard]] std::size_t untaken() const;
  /// Octets sent and not yet read by the connection.
  [[nodiscard]] std::size_t unread() const;
  /// Whether the connection waits for input.
  [[nodiscard]] bool awaits_input() const;
  /// Whether the connection waits until the peer accepts more.
  [[nodiscard]] bool awaits_room() const;
  /// Whether the connection has ended sending.
  [[nodiscard]] bool has_shut_down() const;
  [[nodiscard]] bool is_closed() const;
  /// Whether the connection was reset.
  [[nodiscard]] bool was_reset() const;
  /// Whether the transport, and so the connection, was destroyed.
  [[nodiscard]] bool is_gone() const;

private:
  class transport;
  struct link;
  std::shared_ptr<link> link_;
};

} // namespace sake::testing
