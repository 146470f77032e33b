#include <sake/actors/socket_transport.hpp>

#include <cerrno>
#include <utility>

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sake::actors {

namespace {

constexpr std::uint32_t reading = EPOLLIN | EPOLLRDHUP | EPOLLPRI;

io_result failure(int error) noexcept {
  if (error == EAGAIN || error == EINTR)
    return {io_result::outcome::would_block, 0};
  return {io_result::outcome::failed, 0};
}

} // namespace

socket_transport::socket_transport(reactor& home, int socket) : reactor_(home), socket_(socket) {
  reactor_.add(socket_, reading, *this);
}

socket_transport::~socket_transport() {
  close();
}

void socket_transport::on_events(std::uint32_t events) {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
    is_ending_ = true;
  if ((events & EPOLLPRI) != 0)
    has_urgent_ = true;
  if ((events & EPOLLHUP) != 0)
    is_gone_ = true;
  // A reset: what the peer has sent before is for nothing, as no answer reaches it.
  if ((events & EPOLLERR) != 0) {
    is_gone_ = true;
    owner_->on_peer_ended();
    return;
  }
  if ((events & (reading | EPOLLHUP | EPOLLERR)) != 0)
    is_readable_ = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0 && std::exchange(waits_writable_, false))
    owner_->on_writable();
  if (is_readable_ && socket_ >= 0 && std::exchange(waits_readable_, false))
    owner_->on_readable();
  else if (is_ending_ && socket_ >= 0)
    owner_->on_peer_ended();
}

void socket_transport::wait_readable() {
  waits_readable_ = true;
  if (is_readable_)
    reactor_.again(*this, EPOLLIN);
}

void socket_transport::wait_writable() {
  waits_writable_ = true;
  if (!std::exchange(is_watched_for_writing_, true))
    reactor_.modify(socket_, reading | EPOLLOUT, *this);
}

io_result socket_transport::read(char* to, std::size_t size) noexcept {
  const auto n = ::recv(socket_, to, size, MSG_DONTWAIT);
  // Less than asked for: there is no more, and the next edge will tell. The kernel stops short at an
  // urgent octet as well.
  is_readable_ = n == static_cast<ssize_t>(size) || (n > 0 && (is_ending_ || has_urgent_));
  if (n > 0)
    return {io_result::outcome::done, static_cast<std::size_t>(n)};
  if (n == 0)
    return {io_result::outcome::closed, 0};
  return failure(errno);
}

io_result socket_transport::write(std::string_view octets) noexcept {
  const auto n = ::send(socket_, octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n >= 0)
    return {io_result::outcome::done, static_cast<std::size_t>(n)};
  return failure(errno);
}

transport::peer socket_transport::peer_state() const noexcept {
  if (is_gone_)
    return peer::gone;
  char next = 0;
  if (!is_ending_ || ::recv(socket_, &next, 1, MSG_DONTWAIT | MSG_PEEK) != 0)
    return peer::open;
  return peer::finished;
}

std::size_t socket_transport::in_transit() const noexcept {
  int octets = 0;
  return ::ioctl(socket_, SIOCOUTQ, &octets) == 0 ? static_cast<std::size_t>(octets) : 0;
}

void socket_transport::shutdown_send() noexcept {
  ::shutdown(socket_, SHUT_WR);
}

void socket_transport::close() noexcept {
  if (socket_ < 0)
    return;
  reactor_.remove(socket_, *this);
  ::close(std::exchange(socket_, -1));
}

void socket_transport::reset() noexcept {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

} // namespace sake::actors
