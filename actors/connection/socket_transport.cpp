#include "socket_transport.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace sake::actors {

namespace {

constexpr std::uint32_t reading = EPOLLIN | EPOLLRDHUP | EPOLLPRI;

// Octets of a file that one call writes, so that a peer as fast as the disk leaves time to others.
constexpr std::uint64_t write_limit = 1024 * 1024;

// Octets of input that the owner waits for at most. The kernel holds as many.
constexpr std::size_t max_expected = 1024 * 1024;

// Pieces in memory that one system call writes.
constexpr std::size_t max_views = 16;

bool would_block(int error) noexcept {
  return error == EAGAIN || error == EINTR;
}

// Whether an error of sendfile(2) is one of the socket, not of the file.
bool is_of_socket(int error) noexcept {
  constexpr std::array of_socket{EPIPE,       ECONNRESET,   ECONNABORTED, ETIMEDOUT, ENOTCONN,
                                 ENETUNREACH, EHOSTUNREACH, ENETDOWN,     EHOSTDOWN, ENOBUFS};
  return would_block(error) || std::ranges::find(of_socket, error) != of_socket.end();
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
  // A reset: earlier input is discarded, as no response can reach the peer.
  if ((events & EPOLLERR) != 0) {
    is_gone_ = true;
    owner_->on_peer_ended();
    return;
  }
  if ((events & (reading | EPOLLHUP | EPOLLERR)) != 0)
    is_readable_ = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0)
    is_writable_ = true;
  if (is_writable_ && std::exchange(waits_writable_, false))
    owner_->on_writable();
  if (is_readable_ && socket_ >= 0 && std::exchange(waits_readable_, false))
    owner_->on_readable();
  else if (is_ending_ && socket_ >= 0)
    owner_->on_peer_ended();
}

void socket_transport::wait_readable() {
  waits_readable_ = true;
  if (is_readable_ || expected_ != reported_) [[unlikely]]
    report_again();
}

// The kernel reports no edge as things are.
[[gnu::noinline]] void socket_transport::report_again() {
  if (expected_ != reported_)
    set_least_reported();
  if (is_readable_)
    reactor_.requeue(*this, EPOLLIN);
}

// Lets the kernel report input only once as much is there as is expected. TCP reports at once what
// is there already, if that suffices. It makes its buffer and its window large enough, but reports
// input as soon as the window is nearly full: so they are made for twice as much.
void socket_transport::set_least_reported() noexcept {
  if (!is_tcp()) {
    reported_ = expected_;
    return;
  }
  const auto set = [this](int least) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least);
  };
  if (expected_ > max_reported_) {
    set(2 * expected_);
    max_reported_ = expected_;
  }
  set(expected_);
  if (expected_ > reported_)
    is_readable_ = is_readable_ && (is_ending_ || has_urgent_);
  reported_ = expected_;
}

bool socket_transport::is_tcp() noexcept {
  if (protocol_ < 0) {
    socklen_t size = sizeof protocol_;
    if (::getsockopt(socket_, SOL_SOCKET, SO_PROTOCOL, &protocol_, &size) != 0)
      protocol_ = 0;
  }
  return protocol_ == IPPROTO_TCP;
}

void socket_transport::wait_writable() {
  waits_writable_ = true;
  if (is_writable_)
    reactor_.requeue(*this, EPOLLOUT);
  else if (!std::exchange(is_watched_for_writing_, true))
    reactor_.modify(socket_, reading | EPOLLOUT, *this);
}

void socket_transport::expect(std::size_t octets) noexcept {
  expected_ = static_cast<int>(std::min(octets, max_expected));
  if (waits_readable_ && (is_readable_ || expected_ != reported_))
    report_again();
}

io_result socket_transport::read(char* to, std::size_t size) noexcept {
  const auto n = ::recv(socket_, to, size, MSG_DONTWAIT);
  // Fewer octets than requested: no more are there, and the next edge will report new ones. But the
  // kernel stops short at an urgent octet as well.
  is_readable_ = n == static_cast<ssize_t>(size) || (n > 0 && (is_ending_ || has_urgent_));
  if (n > 0)
    return {io_result::outcome::done, static_cast<std::size_t>(n)};
  if (n == 0)
    return {io_result::outcome::closed};
  is_readable_ = errno == EINTR;
  return {would_block(errno) ? io_result::outcome::needs_readable : io_result::outcome::failed};
}

// -- writing --------------------------------------------------------------------------

io_result socket_transport::write(const http::output& from) noexcept {
  return from.is_one_run() ? write_run(from.run()) : write_pieces(from);
}

io_result socket_transport::write_run(std::string_view octets) noexcept {
  return written(::send(socket_, octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL),
                 octets.size());
}

// The socket is writable until it has taken fewer octets than it could.
io_result socket_transport::written(ssize_t n, std::size_t offered) noexcept {
  is_writable_ = n == static_cast<ssize_t>(offered);
  if (n >= 0)
    return {io_result::outcome::done, static_cast<std::size_t>(n)};
  is_writable_ = errno == EINTR;
  return {would_block(errno) ? io_result::outcome::needs_writable : io_result::outcome::failed};
}

// Writes the octets in memory at the front, then the part of a file behind them.
io_result socket_transport::write_pieces(const http::output& from) noexcept {
  std::array<std::string_view, max_views> views;
  std::array<iovec, max_views> pieces;
  const std::size_t count = from.gather(views);
  std::size_t octets = 0;
  for (std::size_t i = 0; i < count; ++i) {
    pieces[i] = {const_cast<char*>(views[i].data()), views[i].size()};
    octets += views[i].size();
  }
  const http::file_part* const part = count < max_views ? from.next_file() : nullptr;
  if (count == 0)
    return send_file(*part);
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  const int more = part != nullptr ? MSG_MORE : 0;
  auto result = written(::sendmsg(socket_, &message, MSG_DONTWAIT | MSG_NOSIGNAL | more), octets);
  if (part == nullptr || result.octets < octets)
    return result;
  // What goes wrong with the file is told by the next call.
  if (const auto rest = send_file(*part); rest.what == io_result::outcome::done)
    result.octets += rest.octets;
  return result;
}

io_result socket_transport::send_file(const http::file_part& part) noexcept {
  const auto wanted = static_cast<std::size_t>(std::min(part.length, write_limit));
  auto offset = static_cast<off_t>(part.offset);
  const auto n = ::sendfile(socket_, part.from->descriptor(), &offset, wanted);
  if (n == 0)
    return {io_result::outcome::incomplete};
  if (n < 0)
    return is_of_socket(errno) ? written(n, wanted) : io_result{io_result::outcome::incomplete};
  // Fewer octets than wanted: the socket is full, or the file has become shorter, which the next
  // attempt tells.
  return {io_result::outcome::done, static_cast<std::size_t>(n)};
}

// -- the peer, the end ----------------------------------------------------------------

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

// The peer of a closed socket is told in any case.
io_result socket_transport::end_output(then next) noexcept {
  if (next == then::read)
    ::shutdown(socket_, SHUT_WR);
  return {};
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
