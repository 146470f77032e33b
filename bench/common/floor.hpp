// What the floor programs share: a socket that listens, and epoll.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace sake::bench {

inline void watch(int epoll, int fd, std::uint32_t events = EPOLLIN, int how = EPOLL_CTL_ADD) {
  epoll_event wanted{events, {.fd = fd}};
  ::epoll_ctl(epoll, how, fd, &wanted);
}

inline int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // connections inherit it
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || ::listen(fd, 4096) != 0)
    throw std::runtime_error("cannot listen");
  return fd;
}

inline int accept_on(int listening) {
  return ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK);
}

} // namespace sake::bench
