#include <sake/actors/socket_transport.hpp>

#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace sake::actors {

namespace {

io_result failure(int error) noexcept {
  if (error == EAGAIN || error == EINTR)
    return {io_result::outcome::would_block, 0};
  return {io_result::outcome::failed, 0};
}

} // namespace

socket_transport::socket_transport(stream_socket socket) noexcept : socket_(std::move(socket)) {}

// Waiting for readiness and then reading once saves the read that `async_read_some` would try
// before each wait, in vain.
void socket_transport::wait_readable() {
  socket_.async_wait(stream_socket::wait_read, [this](const boost::system::error_code&) { owner_->on_readable(); });
}

void socket_transport::wait_writable() {
  socket_.async_wait(stream_socket::wait_write, [this](const boost::system::error_code&) { owner_->on_writable(); });
}

io_result socket_transport::read(char* to, std::size_t size) noexcept {
  const auto n = ::recv(socket_.native_handle(), to, size, MSG_DONTWAIT);
  if (n > 0)
    return {io_result::outcome::done, static_cast<std::size_t>(n)};
  if (n == 0)
    return {io_result::outcome::closed, 0};
  return failure(errno);
}

io_result socket_transport::write(std::string_view octets) noexcept {
  const auto n = ::send(socket_.native_handle(), octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n >= 0)
    return {io_result::outcome::done, static_cast<std::size_t>(n)};
  return failure(errno);
}

void socket_transport::shutdown_send() noexcept {
  ::shutdown(socket_.native_handle(), SHUT_WR);
}

void socket_transport::close() noexcept {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void socket_transport::reset() noexcept {
  const linger at_once{1, 0};
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

} // namespace sake::actors
