#include "listening_sockets.hpp"

#include "config/unix_permissions.hpp"
#include "inherited_sockets.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sake {

namespace {

std::string describe(int error) {
  return error == EADDRINUSE ? "address already in use; stop that process or choose another port"
                             : std::string{std::strerror(error)};
}

// Sets the options that each TCP connection inherits from its listening socket: urgent octets stay
// in their place (RFC 6093), and a response that follows another does not wait for the peer's
// delayed acknowledgement.
void set_options_of_connections(int fd) {
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// Returns a bound socket; -1 and errno on failure.
int bind_socket(const addrinfo& where, bool shared) {
  const int fd =
      ::socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, where.ai_protocol);
  if (fd < 0)
    return -1;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  set_options_of_connections(fd);
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
  if (bound.ss_family != AF_INET && bound.ss_family != AF_INET6)
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

// Whether no process listens on an existing socket: its process ended without removing it.
bool is_left_behind(const sockaddr_un& name) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const bool is_refused =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0
      && errno == ECONNREFUSED;
  ::close(probe);
  return is_refused;
}

} // namespace

boost::system::result<listening_sockets, std::string> listening_sockets::open(
    const address& where, std::size_t count, const unix_permissions& permissions) {
  listening_sockets opened;
  auto error = where.is_inherited ? opened.take_inherited(where)
               : where.is_unix()  ? opened.open_unix(where, permissions)
                                  : opened.open_tcp(where, count);
  if (error.empty())
    error = opened.share(count);
  if (!error.empty())
    return "cannot listen on " + where.to_string() + ": " + error;
  return opened;
}

socket_file::~socket_file() {
  if (!path_.empty())
    ::unlink(path_.c_str());
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
  // With SO_REUSEPORT the sockets could share a port with another process that uses it too. A probe
  // without it shows whether a process listens there; its port is free again once it closes.
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

std::string listening_sockets::open_unix(const address& where,
                                         const unix_permissions& permissions) {
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
  file_ = socket_file{where.path};
  // Before `listen`, so that no client without permission connects.
  if (auto error = apply(permissions, where.path); !error.empty())
    return error;
  if (::listen(fd, SOMAXCONN) != 0)
    return describe(errno);
  return {};
}

std::string listening_sockets::take_inherited(const address& where) {
  const auto found = inherited_socket(where.socket_name);
  if (!found)
    return found.error();
  sockets_.push_back(*found);
  set_options_of_connections(*found);
  port_ = port_of(*found);
  is_inherited_ = true;
  return {};
}

// If there is only one socket, each reactor gets a duplicate of its descriptor.
std::string listening_sockets::share(std::size_t count) {
  is_shared_ = sockets_.size() < count;
  while (sockets_.size() < count) {
    const int copy = ::fcntl(sockets_.front(), F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
      return describe(errno);
    sockets_.push_back(copy);
  }
  return {};
}

} // namespace sake
