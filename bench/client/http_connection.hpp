// One keep-alive HTTP/1.1 connection to a server on loopback, on a blocking socket.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace sake::bench {

/// The request for `path` that every bench client sends.
inline std::string get_request(std::string_view path) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n";
}

/// A connected socket with TCP_NODELAY. Every call throws `std::runtime_error` if the server
/// closes, is silent for ten seconds, or answers without a Content-Length.
class http_connection {
public:
  /// Connects to 127.0.0.1:`port` from 127.0.0.`source`. Several source addresses provide enough
  /// port numbers for many connections.
  http_connection(std::uint16_t port, std::uint8_t source = 1)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0)
      fail("socket");
    try {
      open(port, source);
    } catch (...) {
      ::close(fd_);
      throw;
    }
  }

  http_connection(http_connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  http_connection& operator=(http_connection&&) = delete;

  ~http_connection() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0)
        fail("send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  [[nodiscard]] int descriptor() const noexcept { return fd_; }

  /// As `receive_any`, but throws unless the status is 200.
  void receive(std::string& response) {
    receive_any(response);
    if (!response.starts_with("HTTP/1.1 200 "))
      throw std::runtime_error("answered: " + response.substr(0, response.find('\r')));
  }

  /// Reads one whole response into `response`, which is cleared first and keeps its capacity.
  void receive_any(std::string& response) {
    response.clear();
    std::size_t expected = std::string::npos;
    while (response.size() < expected) {
      char piece[4096];
      auto size = ::recv(fd_, piece, sizeof piece, 0);
      if (size < 0)
        fail("recv");
      if (size == 0)
        throw std::runtime_error("the server closed the connection");
      response.append(piece, static_cast<std::size_t>(size));
      if (expected == std::string::npos)
        expected = message_size(response);
    }
  }

private:
  [[noreturn]] static void fail(const char* call) {
    throw std::runtime_error(std::string{call} + ": " + std::generic_category().message(errno));
  }

  static sockaddr_in loopback(std::uint8_t host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host);
    return address;
  }

  void open(std::uint16_t port, std::uint8_t source) {
    int on = 1;
    timeval deadline{10, 0};
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    auto from = loopback(source, 0);
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0)
      fail("bind");
    auto to = loopback(1, port);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      fail("connect");
  }

  /// Octets of the message at the beginning of `text`; npos while its head is incomplete.
  static std::size_t message_size(std::string_view text) {
    auto end = text.find("\r\n\r\n");
    if (end == std::string_view::npos)
      return std::string::npos;
    auto head = text.substr(0, end + 2);
    return end + 4 + content_length(head);
  }

  static std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "\r\ncontent-length:";
    for (std::size_t at = 0; (at = head.find("\r\n", at)) != std::string_view::npos; at += 2) {
      if (!begins_with(head.substr(at), name))
        continue;
      auto value = head.substr(at + name.size());
      value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
      std::size_t length = 0;
      if (std::from_chars(value.data(), value.data() + value.size(), length).ec == std::errc{})
        return length;
    }
    throw std::runtime_error("answered without a Content-Length");
  }

  /// Compares without case; `prefix` must be in lower case.
  static bool begins_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size()
           && ::strncasecmp(text.data(), prefix.data(), prefix.size()) == 0;
  }

  int fd_;
};

} // namespace sake::bench
