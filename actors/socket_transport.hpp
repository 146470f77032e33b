// A transport over a stream socket: TCP or Unix.
#pragma once

#include <sake/actors/transport.hpp>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

namespace sake::actors {

// The executor is named, not erased: erasing it costs a tenth of a small request.
using stream_socket
  = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;

/// A transport over a stream socket: TCP or Unix.
class socket_transport final : public transport {
public:
  /// Takes over a connected, non-blocking socket.
  explicit socket_transport(stream_socket socket) noexcept;

  void attach(owner& o) noexcept override { owner_ = &o; }
  void wait_readable() override;
  void wait_writable() override;
  io_result read(char* to, std::size_t size) noexcept override;
  io_result write(std::string_view octets) noexcept override;
  void shutdown_send() noexcept override;
  void close() noexcept override;
  void reset() noexcept override;

private:
  stream_socket socket_;
  owner* owner_ = nullptr;
};

} // namespace sake::actors
