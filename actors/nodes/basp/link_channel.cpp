#include "link_channel.hpp"

#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

namespace sake::actors::nodes {

namespace {

// A host that is gone sends no reset. With these options the kernel ends a connection without
// acknowledgements, whether it is idle or has output.
void detect_vanished_hosts(int socket) noexcept {
  const auto set = [socket](int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof value);
  };
  constexpr int idle_seconds = 1;
  constexpr int interval_seconds = 1;
  constexpr int probes = 3;
  constexpr int unacknowledged_ms = 4000;
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, idle_seconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, interval_seconds);
  set(IPPROTO_TCP, TCP_KEEPCNT, probes);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, unacknowledged_ms);
}

} // namespace

link_channel::link_channel(int socket, link_side own, std::unique_ptr<tls_session> tls) noexcept
    : socket_(socket), tls_(std::move(tls)), guard_(own) {}

link_channel::~link_channel() {
  tls_ = nullptr;
  if (owns_socket_)
    ::close(socket_);
  if (observer_ != nullptr)
    observer_->on_gone();
}

link_io link_channel::shake_hands() noexcept {
  return tls_ != nullptr ? tls_->shake_hands() : link_io{};
}

link_io link_channel::read(char* to, std::size_t size) noexcept {
  return tls_ != nullptr ? tls_->read(to, size)
                         : result_of(::recv(socket_, to, size, MSG_DONTWAIT));
}

link_io link_channel::write(const char* from, std::size_t size) noexcept {
  return tls_ != nullptr ? tls_->write(from, size)
                         : result_of(::send(socket_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL));
}

link_io link_channel::result_of(ssize_t n) noexcept {
  if (n > 0)
    return {link_io::outcome::done, static_cast<std::size_t>(n)};
  error_ = n < 0 ? errno : 0;
  const bool waits = error_ == EAGAIN || error_ == EINTR;
  return {waits ? link_io::outcome::waits : link_io::outcome::ended};
}

std::size_t link_channel::pending() const noexcept {
  return tls_ != nullptr ? tls_->pending() : 0;
}

std::string link_channel::failure() const {
  if (tls_ != nullptr)
    return tls_->failure();
  return error_ == 0 ? "it has closed the connection" : std::strerror(error_);
}

int link_channel::hand_over(std::shared_ptr<observer> to) noexcept {
  observer_ = std::move(to);
  owns_socket_ = false;
  detect_vanished_hosts(socket_);
  return socket_;
}

link_io link_channel::read_guarded(char* to, std::size_t size) noexcept {
  if (has_ended_)
    return {link_io::outcome::ended};
  auto result = read(to, size);
  if (result.what == link_io::outcome::ended)
    end({});
  if (result.what == link_io::outcome::done && !guard_.accept({to, result.octets})) {
    end(guard_.reason());
    result.what = link_io::outcome::ended;
  }
  return result;
}

link_io link_channel::write_guarded(const char* from, std::size_t size) noexcept {
  if (has_ended_)
    return {link_io::outcome::ended};
  const auto result = write(from, size);
  if (result.what == link_io::outcome::ended)
    end({});
  return result;
}

void link_channel::end(std::string_view reason) noexcept {
  if (std::exchange(has_ended_, true))
    return;
  // Also wakes a side that waits, so that CAF lets go of both.
  ::shutdown(socket_, SHUT_RDWR);
  if (observer_ == nullptr)
    return;
  try {
    observer_->on_ended(std::string{reason});
  } catch (const std::bad_alloc&) {
    observer_->on_ended({});
  }
}

} // namespace sake::actors::nodes
