#include "client.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sake::test {

namespace {

constexpr timeval patience{90, 0};

// The maximum of octets of one read.
constexpr std::size_t max_at_once = 64 * 1024;

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error("client: " + std::string{what});
}

[[noreturn]] void fail_call(const char* call) {
  if (errno == EAGAIN)
    fail("the server neither answers nor closes");
  throw std::system_error(errno, std::generic_category(), std::string{"client: "} + call);
}

int open_socket(int family) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    fail_call("socket");
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return fd;
}

bool waits_for(int fd, short events, std::chrono::milliseconds limit) {
  pollfd watched{fd, events, 0};
  return ::poll(&watched, 1, static_cast<int>(limit.count())) > 0;
}

std::size_t to_length(std::string_view text) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc{} || end != text.data() + text.size())
    fail("Content-Length is no number");
  return length;
}

answer parse_head(std::string head) {
  answer result;
  if (!head.starts_with("HTTP/1.1 ") || head.size() < 13 || head[12] != ' ')
    fail(("no status line: " + head).c_str());
  result.status = static_cast<int>(to_length(std::string_view{head}.substr(9, 3)));
  for (std::size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
    const auto end = head.find("\r\n", at);
    const auto colon = head.find(": ", at);
    if (colon == std::string::npos || colon > end)
      fail(("no field line: " + head.substr(at, end - at)).c_str());
    result.fields.emplace_back(head.substr(at, colon - at),
                               head.substr(colon + 2, end - colon - 2));
    at = end + 2;
  }
  result.head = std::move(head);
  return result;
}

} // namespace

// ---- answer -------------------------------------------------------------------------------------

std::string_view answer::field(std::string_view name) const noexcept {
  for (const auto& [each, value] : fields)
    if (boost::algorithm::iequals(each, name))
      return value;
  return {};
}

std::string answer::without_date() const {
  std::string text = head;
  if (const auto date = text.find("\r\nDate: "); date != std::string::npos)
    text.erase(date, text.find("\r\n", date + 2) - date);
  return text + content;
}

// ---- lifetime -----------------------------------------------------------------------------------

client::client(std::uint16_t port, const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) != 0)
    fail("the host is no address");
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> where{list, &::freeaddrinfo};
  client opened;
  opened.socket_ = open_socket(where->ai_family);
  if (::connect(opened.socket_, where->ai_addr, where->ai_addrlen) != 0)
    fail_call("connect");
  *this = std::move(opened);
}

client client::on_path(const std::string& path) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  path.copy(where.sun_path, sizeof where.sun_path - 1);
  client opened;
  opened.socket_ = open_socket(AF_UNIX);
  if (::connect(opened.socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
    fail_call("connect");
  return opened;
}

bool client::can_connect(std::uint16_t port) try {
  client{port}.close();
  return true;
} catch (const std::system_error& error) {
  // The listener may reset a handshake while it closes.
  if (error.code() != std::errc::connection_refused && error.code() != std::errc::connection_reset)
    throw;
  return false;
}

client::client(client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

client& client::operator=(client&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(received_, other.received_);
  return *this;
}

client::~client() {
  close();
}

void client::close() noexcept {
  if (socket_ >= 0)
    ::close(std::exchange(socket_, -1));
}

void client::reset() noexcept {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void client::shrink_buffers() {
  const int size = 32 * 1024;
  for (const int which : {SO_RCVBUF, SO_SNDBUF})
    ::setsockopt(socket_, SOL_SOCKET, which, &size, sizeof size);
}

// ---- sending ------------------------------------------------------------------------------------

void client::send(std::string_view octets) {
  while (!octets.empty()) {
    const auto sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent < 0)
      fail_call("send");
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void client::send_urgent(std::string_view octets) {
  if (::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_OOB) < 0)
    fail_call("send");
}

void client::send_in_pieces(std::string_view octets, std::size_t size) {
  for (; !octets.empty(); octets.remove_prefix(std::min(size, octets.size())))
    send(octets.substr(0, size));
}

std::size_t client::send_what_goes(std::string_view octets, std::chrono::milliseconds limit) {
  const std::size_t before = octets.size();
  while (!octets.empty() && waits_for(socket_, POLLOUT, limit)) {
    const auto sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0)
      break;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
  return before - octets.size();
}

void client::half_close() {
  ::shutdown(socket_, SHUT_WR);
}

// ---- reading ------------------------------------------------------------------------------------

// False once the server has closed.
bool client::fill() {
  char octets[64 * 1024];
  const auto got = ::recv(socket_, octets, sizeof octets, 0);
  if (got < 0 && errno == ECONNRESET && !received_.empty())
    throw truncated("client: reset in the midst of a response");
  if (got < 0)
    fail_call("recv");
  received_.append(octets, static_cast<std::size_t>(got));
  return got > 0;
}

answer client::read(bool to_head) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) {
      if (!received_.empty())
        throw truncated("client: closed within a head: " + received_);
      fail("closed in place of a response");
    }
  auto result = parse_head(received_.substr(0, end + 4));
  received_.erase(0, end + 4);
  if (to_head || result.status < 200 || result.status == 204 || result.status == 304)
    return result;
  const std::size_t length = to_length(result.field("Content-Length"));
  while (received_.size() < length)
    if (!fill())
      throw truncated("client: closed within content");
  result.content = received_.substr(0, length);
  received_.erase(0, length);
  return result;
}

answer client::ask(std::string_view octets) {
  send(octets);
  return read(octets.starts_with("HEAD "));
}

std::string client::read_to_end() {
  while (fill()) {
  }
  return std::exchange(received_, {});
}

std::string client::read_some(std::size_t size) {
  if (received_.empty()) {
    std::string octets(std::min(size, max_at_once), '\0');
    const auto got = ::recv(socket_, octets.data(), octets.size(), 0);
    if (got < 0)
      fail_call("recv");
    octets.resize(static_cast<std::size_t>(got));
    return octets;
  }
  const auto octets = received_.substr(0, size);
  received_.erase(0, octets.size());
  return octets;
}

void client::await_end() {
  char octets[64 * 1024];
  for (;;) {
    const auto got = ::recv(socket_, octets, sizeof octets, 0);
    if (got == 0 || (got < 0 && (errno == ECONNRESET || errno == EPIPE)))
      return;
    if (got < 0)
      fail_call("recv");
  }
}

void client::await_reset() {
  // Asks for neither data nor an orderly end.
  if (!waits_for(socket_, 0, std::chrono::seconds{patience.tv_sec}))
    fail("the server does not reset the connection");
}

bool client::hears_nothing(std::chrono::milliseconds limit) {
  return received_.empty() && !waits_for(socket_, POLLIN, limit);
}

// ---- requests -----------------------------------------------------------------------------------

std::string to_send(std::string_view method, std::string_view target, std::string_view fields,
                    std::string_view content) {
  std::string text{method};
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: x\r\n").append(fields).append("\r\n");
  return text.append(content);
}

std::string chunk(std::string_view octets) {
  char size[16];
  const auto end = std::to_chars(size, size + sizeof size, octets.size(), 16).ptr;
  return std::string{size, end}.append("\r\n").append(octets).append("\r\n");
}

} // namespace sake::test
