// Requests one path at a fixed rate, whatever the answers, and prints the answers by status as a
// line of JSON. A client that waited for each answer would reduce the load on an overloaded server.

#include "client/http_connection.hpp"
#include "common/flags.hpp"

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr auto usage = "--port N [--path /] [--rate 1000] [--connections 400] [--seconds 5]";

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using sake::bench::http_connection;

/// The answers so far.
struct counts {
  std::size_t sent = 0;
  std::size_t ok = 0;
  std::size_t shed = 0;
  std::size_t shed_without_retry_after = 0;
  std::size_t other = 0;
  /// Requests not sent because every connection was waiting.
  std::size_t not_sent = 0;

  void add(std::string_view response) {
    const auto status = response.substr(9, 3);
    if (status == "200") {
      ++ok;
    } else if (status == "503") {
      ++shed;
      if (response.find("\r\nRetry-After: ") == std::string_view::npos)
        ++shed_without_retry_after;
    } else {
      ++other;
    }
  }
};

/// Connections: those that wait for an answer, and those that are free.
class client {
public:
  client(std::uint16_t port, std::size_t connections, std::string path)
      : request_(sake::bench::get_request(path)) {
    for (std::size_t i = 0; i < connections; ++i) {
      connections_.emplace_back(port);
      polled_.push_back({connections_.back().descriptor(), 0, 0});
      idle_.push_back(i);
    }
  }

  void ask() {
    if (idle_.empty()) {
      ++total.not_sent;
      return;
    }
    const std::size_t i = idle_.front();
    idle_.pop_front();
    connections_[i].send(request_);
    polled_[i].events = POLLIN;
    ++total.sent;
  }

  /// Reads the answers that arrive within `patience`.
  void receive(std::chrono::microseconds patience) {
    const timespec time{0, static_cast<long>(patience.count()) * 1000};
    if (::ppoll(polled_.data(), polled_.size(), &time, nullptr) <= 0)
      return;
    for (std::size_t i = 0; i < polled_.size(); ++i) {
      if (polled_[i].revents == 0)
        continue;
      connections_[i].receive_any(response_);
      total.add(response_);
      polled_[i].events = 0;
      idle_.push_back(i);
    }
  }

  [[nodiscard]] bool waits() const { return idle_.size() < connections_.size(); }

  counts total;

private:
  std::string request_;
  std::string response_;
  std::vector<http_connection> connections_;
  std::vector<pollfd> polled_;
  std::deque<std::size_t> idle_;
};

void run(client& asking, std::size_t rate, std::chrono::seconds time) {
  const auto pause = std::chrono::nanoseconds{1s} / rate;
  const auto end = clock_type::now() + time;
  auto next = clock_type::now();
  while (clock_type::now() < end) {
    for (; next <= clock_type::now(); next += pause)
      asking.ask();
    asking.receive(200us);
  }
  for (const auto last = clock_type::now() + 10s; asking.waits() && clock_type::now() < last;)
    asking.receive(1000us);
}

} // namespace

int main(int argc, char** argv) {
  return sake::bench::run_program("sake-bench-rate", usage, [&] {
    sake::bench::flags flags{
        argc, argv, {"--port", "--path", "--rate", "--connections", "--seconds"}};
    const auto rate = flags.number("--rate", 1000, 1, 1'000'000);
    const auto seconds = flags.number("--seconds", 5);
    client asking{flags.port(), flags.number("--connections", 400), flags.text("--path", "/")};
    run(asking, rate, std::chrono::seconds{seconds});
    const auto& total = asking.total;
    std::cout << R"({"seconds": )" << seconds << R"(, "sent": )" << total.sent << R"(, "ok": )"
              << total.ok << R"(, "shed": )" << total.shed << R"(, "shed_without_retry_after": )"
              << total.shed_without_retry_after << R"(, "other": )" << total.other
              << R"(, "not_sent": )" << total.not_sent << R"(, "unanswered": )"
              << total.sent - total.ok - total.shed - total.other << "}\n";
    return 0;
  });
}
