// A transport over a stream socket: TCP or Unix.
#pragma once

#include <sake/actors/reactor.hpp>
#include <sake/actors/transport.hpp>

#include <cstdint>

namespace sake::actors {

/// A transport over a stream socket: TCP or Unix.
class socket_transport final : public transport, private reactor::watch {
public:
  /// Takes over a connected socket. Throws `std::system_error` when the reactor cannot watch it.
  socket_transport(reactor& home, int socket);
  ~socket_transport() override;

  void attach(owner& o) noexcept override { owner_ = &o; }
  void wait_readable() override;
  void wait_writable() override;
  io_result read(char* to, std::size_t size) noexcept override;
  io_result write(std::string_view octets) noexcept override;
  [[nodiscard]] peer peer_state() const noexcept override;
  [[nodiscard]] std::size_t in_transit() const noexcept override;
  void shutdown_send() noexcept override;
  void close() noexcept override;
  void reset() noexcept override;

private:
  void on_events(std::uint32_t events) override;

  reactor& reactor_;
  int socket_;
  owner* owner_ = nullptr;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  // Events that came while nobody waited for them; edges come once.
  bool is_readable_ = false;
  bool is_watched_for_writing_ = false;
  /// The peer has sent urgent octets.
  bool has_urgent_ = false;
  /// The peer has sent its last octet, or the connection has failed: no further edge will tell.
  bool is_ending_ = false;
  /// The peer takes nothing more: it has reset the connection, or both sides have ended.
  bool is_gone_ = false;
};

} // namespace sake::actors
