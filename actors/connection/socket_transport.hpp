// A transport over a stream socket.
#pragma once

#include "../../http/detail/pooled_memory.hpp"
#include "../reactor/reactor.hpp"
#include "transport.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

#include <sys/types.h>

namespace sake::actors {

/// A transport over a stream socket, TCP or Unix, without a handshake.
class socket_transport final : public transport,
                               private reactor::io_handler,
                               public http::detail::pooled_memory<socket_transport> {
public:
  /// Takes over a connected, non-blocking socket. Throws `std::system_error` when the reactor
  /// cannot watch it.
  socket_transport(reactor& home, int socket);
  ~socket_transport() override;

  void attach(owner& o) noexcept override { owner_ = &o; }
  void wait_readable() override;
  void wait_writable() override;
  void expect(std::size_t octets) noexcept override;
  io_result read(char* to, std::size_t size) noexcept override;
  io_result write(const http::output& from) noexcept override;
  [[nodiscard]] peer peer_state() const noexcept override;
  [[nodiscard]] std::size_t in_transit() const noexcept override;
  io_result end_output(then next) noexcept override;
  void close() noexcept override;
  void reset() noexcept override;

private:
  void on_events(std::uint32_t events) override;
  void report_again();
  void set_least_reported() noexcept;
  [[nodiscard]] bool is_tcp() noexcept;
  io_result write_run(std::string_view octets) noexcept;
  io_result written(ssize_t n, std::size_t offered) noexcept;
  io_result write_pieces(const http::output& from) noexcept;
  io_result send_file(const http::file_part& part) noexcept;

  reactor& reactor_;
  int socket_;
  /// Octets that the owner expects, and octets from which on the kernel reports input.
  int expected_ = 1;
  int reported_ = 1;
  int max_reported_ = 1;
  /// As in socket(2); -1: not known yet.
  int protocol_ = -1;
  owner* owner_ = nullptr;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
  // Edges come once, so events are remembered until they are waited for.
  bool is_readable_ = false;
  bool is_writable_ = true;
  bool is_watched_for_writing_ = false;
  /// The peer has sent urgent octets.
  bool has_urgent_ = false;
  /// The peer has sent its last octet, or the connection has failed: no further edge will follow.
  bool is_ending_ = false;
  /// The peer reads nothing more: it has reset the connection, or both sides have closed it.
  bool is_gone_ = false;
};

/// Makes a `socket_transport` for each socket.
class socket_transport_factory final : public transport_factory {
public:
  [[nodiscard]] std::unique_ptr<transport> make(reactor& home, int socket) const override {
    return std::make_unique<socket_transport>(home, socket);
  }
};

} // namespace sake::actors
