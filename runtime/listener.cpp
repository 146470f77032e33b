#include <sake/runtime/listener.hpp>

#include <sake/actors/connection.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/socket_transport.hpp>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sake {

namespace {

// Connections accepted before other events of the reactor have their turn.
constexpr int accept_batch = 64;

// Connections past the bound that are told so, rather than dropped.
constexpr std::size_t told_at_most = 256;

std::string describe(int error) {
  return error == EADDRINUSE ? "address already in use; stop that process or choose another port"
                             : std::string{std::strerror(error)};
}

// A socket that is bound; -1 and errno when that fails.
int bind_socket(const addrinfo& where, bool shared) {
  const int fd =
      ::socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, where.ai_protocol);
  if (fd < 0)
    return -1;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared)
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (::bind(fd, where.ai_addr, where.ai_addrlen) == 0)
    return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

std::uint16_t port_of(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0)
    return 0;
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

void set_port(addrinfo& where, std::uint16_t port) {
  if (where.ai_family == AF_INET6)
    reinterpret_cast<sockaddr_in6*>(where.ai_addr)->sin6_port = htons(port);
  else
    reinterpret_cast<sockaddr_in*>(where.ai_addr)->sin_port = htons(port);
}

bool is_socket(const sockaddr_un& name) {
  struct stat found {};
  return ::lstat(name.sun_path, &found) == 0 && S_ISSOCK(found.st_mode);
}

// Whether nobody listens on a socket that stands: its process ended without removing it.
bool is_left_behind(const sockaddr_un& name) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const bool is_refused =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0
      && errno == ECONNREFUSED;
  ::close(probe);
  return is_refused;
}

http::peer to_peer(const sockaddr_storage& from) {
  http::peer peer;
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    peer.kind = http::peer::family::ipv4;
    peer.port = ntohs(v4.sin_port);
    std::memcpy(peer.address.data(), &v4.sin_addr, 4);
  } else if (from.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    peer.kind = http::peer::family::ipv6;
    peer.port = ntohs(v6.sin6_port);
    std::memcpy(peer.address.data(), &v6.sin6_addr, 16);
  } else {
    peer.kind = http::peer::family::local;
  }
  return peer;
}

} // namespace

// -- sockets ------------------------------------------------------------------------

boost::system::result<listening_sockets, std::string> listening_sockets::open(const address& where,
                                                                              std::size_t count) {
  listening_sockets opened;
  auto error = where.is_unix() ? opened.open_unix(where, count) : opened.open_tcp(where, count);
  if (!error.empty())
    return "cannot listen on " + where.to_string() + ": " + error;
  return opened;
}

listening_sockets::~listening_sockets() {
  for (const int fd : sockets_)
    if (fd >= 0)
      ::close(fd);
}

std::string listening_sockets::open_tcp(const address& where, std::size_t count) {
  addrinfo hints{};
  hints.ai_family = where.host.empty() ? AF_INET : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  if (const int error =
          ::getaddrinfo(where.host.empty() ? nullptr : where.host.c_str(), "0", &hints, &list))
    return ::gai_strerror(error);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found{list, &::freeaddrinfo};
  set_port(*list, where.port);
  // Sockets with SO_REUSEPORT would share a port with a stranger that has it too. One without it
  // tells whether somebody listens there; what it was bound to is free again once it is closed.
  const int probe = bind_socket(*list, false);
  if (probe < 0)
    return describe(errno);
  port_ = port_of(probe);
  if (count > 1) {
    ::close(probe);
    set_port(*list, port_);
  } else {
    sockets_.push_back(probe);
  }
  while (sockets_.size() < count) {
    const int fd = bind_socket(*list, true);
    if (fd < 0)
      return describe(errno);
    sockets_.push_back(fd);
  }
  for (const int fd : sockets_)
    if (::listen(fd, SOMAXCONN) != 0)
      return describe(errno);
  return {};
}

std::string listening_sockets::open_unix(const address& where, std::size_t count) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  where.path.copy(name.sun_path, sizeof name.sun_path - 1);
  const auto* const to = reinterpret_cast<const sockaddr*>(&name);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return describe(errno);
  sockets_.push_back(fd);
  if (::bind(fd, to, sizeof name) != 0) {
    if (errno != EADDRINUSE)
      return describe(errno);
    if (!is_socket(name))
      return "the path is taken by something that is no socket";
    if (!is_left_behind(name))
      return "a process listens there already; stop it or choose another path";
    ::unlink(where.path.c_str());
    if (::bind(fd, to, sizeof name) != 0)
      return describe(errno);
  }
  if (::listen(fd, SOMAXCONN) != 0)
    return describe(errno);
  while (sockets_.size() < count)
    sockets_.push_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return {};
}

// -- accepting ------------------------------------------------------------------------

listener::listener(actors::shard& own, int socket, const std::atomic<std::size_t>& open_connections,
                   std::size_t max_connections)
    : shard_(own),
      socket_(socket),
      open_connections_(open_connections),
      max_connections_(max_connections) {}

listener::~listener() {
  close();
}

void listener::start() {
  shard_.reactor().add(socket_, EPOLLIN, *this);
}

// The kernel resets a connection that nobody has accepted.
void listener::finish() {
  for (int left = socket_ >= 0 ? accept_batch : 0; left > 0 && accept_one();)
    --left;
  close();
}

void listener::close() noexcept {
  shard_.reactor().disarm(*this);
  if (socket_ < 0)
    return;
  shard_.reactor().remove(socket_, *this);
  ::close(std::exchange(socket_, -1));
}

void listener::on_events(std::uint32_t) {
  accept();
}

void listener::accept() {
  for (int left = accept_batch; left > 0; --left)
    if (!accept_one())
      return;
  shard_.reactor().again(*this, EPOLLIN);
}

// False when there is no more to accept now.
bool listener::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int fd =
      ::accept4(socket_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    const int error = errno;
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
      pause(error);
      return false;
    }
    // Other errors are those of one connection, which is gone already.
    return error != EAGAIN;
  }
  if (from.ss_family != AF_UNIX) {
    // Without it a response that follows another waits for the peer's delayed acknowledgement.
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return welcome(fd, to_peer(from));
}

// False when the system has nothing left to watch it with.
bool listener::welcome(int socket, const http::peer& peer) {
  const auto open = open_connections_.load(std::memory_order_relaxed);
  if (open >= max_connections_ + told_at_most) {
    ::close(socket);
    return true;
  }
  auto& reactor = shard_.reactor();
  std::unique_ptr<actors::socket_transport> carrier;
  try {
    carrier = std::make_unique<actors::socket_transport>(reactor, socket);
  } catch (const std::system_error& e) {
    ::close(socket);
    pause(e.code().value());
    return false;
  }
  const auto made = actors::spawn_on<actors::connection>(reactor, shard_, std::move(carrier), peer);
  auto& connection = static_cast<actors::connection&>(*made->get());
  if (open < max_connections_)
    connection.start();
  else
    connection.turn_away();
  return true;
}

// The kernel keeps telling of a connection that we have no descriptor for: look again later.
void listener::pause(int error) {
  actors::log(actors::log_level::error, "cannot accept connections, trying again in 100 ms: "
                                            + std::string{std::strerror(error)});
  shard_.reactor().arm(*this, shard_.reactor().exact_now() + std::chrono::milliseconds{100});
}

void listener::expired(actors::time_point) {
  accept();
}

} // namespace sake
