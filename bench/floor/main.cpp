// The floor under every figure: one thread, epoll, a canned answer for each empty line that comes
// in. It parses nothing, routes nothing and keeps no deadlines, so no server that does can cost
// less.

#include "common/flags.hpp"
#include "common/floor.hpp"

#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace {

// As long as Sake's own answer to /plaintext.
constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                                    "Content-Type: text/plain; charset=utf-8\r\n"
                                    "Content-Length: 13\r\n\r\nHello, World!";

// Answers every head that ends in `input`. `bench/client/heads.cpp` cuts no empty line in two.
void answer_all(int fd, std::string_view input, std::string& out) {
  out.clear();
  const char* const end = input.data() + input.size();
  for (const char* at = input.data();;) {
    const void* const found = ::memmem(at, static_cast<std::size_t>(end - at), "\r\n\r\n", 4);
    if (found == nullptr)
      break;
    out += answer;
    at = static_cast<const char*>(found) + 4;
  }
  (void)::send(fd, out.data(), out.size(), MSG_NOSIGNAL);
}

} // namespace

int main(int argc, char** argv) {
  using namespace sake::bench;
  return run_program("sake-bench-floor", "--port N", [&] {
    const int listening = listen_on(flags{argc, argv, {"--port"}}.port());
    const int epoll = ::epoll_create1(0);
    watch(epoll, listening);
    std::array<epoll_event, 128> events{};
    std::array<char, 65536> input;
    std::string out;
    for (;;) {
      const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listening) {
          watch(epoll, accept_on(listening));
        } else if (const auto got = ::recv(fd, input.data(), input.size(), 0); got > 0) {
          answer_all(fd, {input.data(), static_cast<std::size_t>(got)}, out);
        } else {
          ::close(fd);
        }
      }
    }
    return 0;
  });
}
