// The floor under the figures of large content: one thread and epoll. It answers GET with octets
// that lie ready, and everything else with the content that came. It looks for the end of a head
// and parses nothing; all content has the same size.

#include "common/flags.hpp"
#include "common/floor.hpp"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

constexpr std::size_t content_size = 1024 * 1024;
constexpr std::size_t head_room = 4096;

// As long as Sake's own.
constexpr std::string_view head = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                                  "Content-Type: application/octet-stream\r\n"
                                  "Content-Length: 1048576\r\n\r\n";

struct client {
  explicit client(int socket) : fd(socket) {}
  ~client() { ::close(fd); }

  /// Whether the kernel has taken a part of the answer only.
  [[nodiscard]] bool is_blocked() const noexcept { return !content.empty(); }

  int fd;
  std::vector<char> input = std::vector<char>(head_room + content_size);
  std::size_t filled = 0;
  std::string_view content;
  std::size_t sent = 0;
};

// Returns whether the client is still there.
bool write(client& to) {
  const std::size_t of_head = std::min(to.sent, head.size());
  const std::size_t of_content = to.sent - of_head;
  iovec pieces[]{
      {const_cast<char*>(head.data()) + of_head, head.size() - of_head},
      {const_cast<char*>(to.content.data()) + of_content, to.content.size() - of_content}};
  const auto n = ::writev(to.fd, pieces, 2);
  if (n < 0)
    return errno == EAGAIN;
  to.sent += static_cast<std::size_t>(n);
  if (to.sent == head.size() + to.content.size()) {
    to.content = {};
    to.sent = to.filled = 0;
  }
  return true;
}

bool read(client& from, std::size_t most, std::string_view canned) {
  const auto n = ::recv(from.fd, from.input.data() + from.filled,
                        std::min(most, from.input.size() - from.filled), 0);
  if (n <= 0)
    return n < 0 && errno == EAGAIN;
  from.filled += static_cast<std::size_t>(n);
  const std::string_view all{from.input.data(), from.filled};
  const std::size_t end = all.substr(0, head_room).find("\r\n\r\n");
  if (end == all.npos)
    return true;
  if (all.starts_with("GET "))
    from.content = canned;
  else if (all.size() >= end + 4 + content_size)
    from.content = all.substr(end + 4);
  return !from.is_blocked() || write(from);
}

} // namespace

int main(int argc, char** argv) {
  using namespace sake::bench;
  return run_program("sake-bench-floor-content", "--port N [--read-octets N]", [&] {
    const flags options{argc, argv, {"--port", "--read-octets"}};
    const int listening = listen_on(options.port());
    const std::size_t most = options.number("--read-octets", head_room + content_size);
    const std::string canned(content_size, 'x');
    const int epoll = ::epoll_create1(0);
    watch(epoll, listening);
    std::unordered_map<int, std::unique_ptr<client>> clients;
    std::array<epoll_event, 128> events{};
    for (;;) {
      const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        const int fd = event.data.fd;
        if (fd == listening) {
          const int accepted = accept_on(listening);
          clients[accepted] = std::make_unique<client>(accepted);
          watch(epoll, accepted);
          continue;
        }
        auto& from = *clients.at(fd);
        const bool was_blocked = from.is_blocked();
        const bool is_there = was_blocked ? write(from) : read(from, most, canned);
        if (!is_there)
          clients.erase(fd);
        else if (from.is_blocked() != was_blocked)
          watch(epoll, fd, was_blocked ? EPOLLIN : EPOLLOUT, EPOLL_CTL_MOD);
      }
    }
    return 0;
  });
}
