#include "link_listener.hpp"

#include "../../reactor/log.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sake::actors::nodes {

namespace {

constexpr std::chrono::milliseconds accept_pause{100};
constexpr int backlog = 128;

using address_list = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

address_list resolve(const std::string& address, std::string& problem) {
  const auto parts = host_and_port::parse(address);
  if (!parts) {
    problem = "an address of a node is host:port";
    return {nullptr, ::freeaddrinfo};
  }
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const char* const host = parts->host.empty() ? nullptr : parts->host.c_str();
  if (const int error = ::getaddrinfo(host, parts->port.c_str(), &wanted, &found); error != 0)
    problem = ::gai_strerror(error);
  return {found, ::freeaddrinfo};
}

// Returns a listening socket; -1 and errno on failure.
int listen_on(const addrinfo& where) {
  const int fd = ::socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd, where.ai_addr, where.ai_addrlen) == 0 && ::listen(fd, backlog) == 0)
    return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

node_address own_address(int socket) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size);
  return node_address::of(own).value_or(node_address{});
}

node_address address_of(const addrinfo& where) {
  sockaddr_storage octets{};
  std::memcpy(&octets, where.ai_addr, where.ai_addrlen);
  return node_address::of(octets).value_or(node_address{});
}

} // namespace

std::unique_ptr<link_listener> link_listener::open(reactor& home, const std::string& address,
                                                   bool only_loopback, std::string& problem) {
  const auto found = resolve(address, problem);
  if (found == nullptr)
    return nullptr;
  if (only_loopback && !address_of(*found).is_loopback()) {
    problem = "without certificates nodes listen on loopback addresses only";
    return nullptr;
  }
  const int socket = listen_on(*found);
  if (socket >= 0)
    return std::unique_ptr<link_listener>{new link_listener(home, socket)};
  problem = std::strerror(errno);
  return nullptr;
}

link_listener::link_listener(reactor& home, int socket)
    : reactor_(home), socket_(socket, "listen"), where_(own_address(socket)) {}

link_listener::~link_listener() {
  if (is_started_)
    reactor_.remove(socket_.get(), *this);
}

void link_listener::start(take to, has_room room) {
  take_ = std::move(to);
  has_room_ = std::move(room);
  reactor_.add(socket_.get(), EPOLLIN, *this);
  is_started_ = true;
}

void link_listener::resume() {
  if (is_started_ && !is_paused_)
    reactor_.requeue(*this, EPOLLIN);
}

void link_listener::on_events(std::uint32_t) {
  if (!is_paused_)
    accept();
}

void link_listener::expired(time_point) {
  is_paused_ = false;
  accept();
}

void link_listener::accept() {
  while (has_room_() && accept_one()) {
  }
}

/// Returns false if there is no more to accept now.
bool link_listener::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int fd = ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&from), &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    take_(fd, node_address::of(from).value_or(node_address{}));
    return true;
  }
  const int error = errno;
  if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
    pause(error);
    return false;
  }
  // Other errors concern one connection, which is already gone.
  return error != EAGAIN;
}

// The kernel keeps reporting a connection that there is no descriptor for: try again later.
void link_listener::pause(int error) {
  log_event(log_level::error, "cannot accept nodes; trying again in 100 ms",
            {{"error", std::strerror(error)}});
  is_paused_ = true;
  reactor_.arm(*this, reactor_.exact_now() + accept_pause);
}

} // namespace sake::actors::nodes
