// Sends a head that never repeats: a text with the placeholder {n}, in which every request has
// another number. Prints the number of answers and the time as a line of JSON.

#include "client/http_connection.hpp"
#include "common/flags.hpp"

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr auto usage = "--port N --head FILE [--path /plaintext] [--connections 100] [--depth 1] "
                       "[--seconds 3 | --requests N] [--repeat]";

using clock_type = std::chrono::steady_clock;
using sake::bench::http_connection;
using sake::bench::usage_error;

constexpr std::string_view number_place = "{n}";
constexpr std::size_t digits = 8;

std::string read_text(const std::string& file) {
  std::ifstream in{file};
  if (!in)
    throw usage_error("cannot read " + file);
  return {std::istreambuf_iterator<char>{in}, {}};
}

void replace(std::string& text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// Requests that are sent at once, one copy of the head for each.
class batch {
public:
  batch(std::string head, std::size_t depth, bool repeats) : repeats_(repeats) {
    const std::string zeros(digits, '0');
    for (std::size_t i = 0; i < depth; ++i)
      octets_ += head;
    for (auto at = octets_.find(number_place); at != std::string::npos;
         at = octets_.find(number_place, at)) {
      octets_.replace(at, number_place.size(), zeros);
      numbers_.push_back(at);
    }
    if (numbers_.empty() && !repeats)
      throw usage_error("the head has no {n}");
  }

  /// Returns the requests, each with a number that this batch has not returned before.
  const std::string& next() {
    if (!repeats_)
      for (const std::size_t at : numbers_) {
        auto left = ++number_;
        for (std::size_t i = digits; i-- > 0; left /= 10)
          octets_[at + i] = static_cast<char>('0' + left % 10);
      }
    return octets_;
  }

private:
  std::string octets_;
  std::vector<std::size_t> numbers_;
  std::uint32_t number_ = 10'000'000;
  const bool repeats_;
};

struct order {
  std::uint16_t port;
  std::size_t connections;
  std::size_t depth;
  std::size_t requests; // 0: until `seconds` are over
  std::chrono::seconds seconds;
};

// Every answer has the size of the first one.
std::size_t answer_size(std::uint16_t port, batch one) {
  http_connection first{port};
  std::string answer;
  first.send(one.next());
  first.receive(answer);
  return answer.size();
}

/// Loads the server, and returns the number of answers.
std::size_t run(const order& what, batch requests, std::size_t size) {
  std::vector<http_connection> connections;
  std::vector<std::size_t> received(what.connections, 0);
  const int ready = ::epoll_create1(EPOLL_CLOEXEC);
  std::size_t sent = 0;
  std::size_t answered = 0;
  const auto end = clock_type::now() + what.seconds;
  const auto may_send = [&] {
    return what.requests != 0 ? sent < what.requests : clock_type::now() < end;
  };
  const auto send = [&](std::size_t i) {
    if (!may_send())
      return;
    connections[i].send(requests.next());
    sent += what.depth;
  };
  for (std::size_t i = 0; i < what.connections; ++i) {
    connections.emplace_back(what.port);
    epoll_event wanted{EPOLLIN, {.u64 = i}};
    ::epoll_ctl(ready, EPOLL_CTL_ADD, connections[i].descriptor(), &wanted);
    send(i);
  }
  std::array<epoll_event, 128> events{};
  std::array<char, 65536> octets;
  while (answered < sent) {
    const int count = ::epoll_wait(ready, events.data(), static_cast<int>(events.size()), 10'000);
    if (count <= 0)
      throw std::runtime_error("no answer for ten seconds");
    for (int e = 0; e < count; ++e) {
      const auto i = static_cast<std::size_t>(events[static_cast<std::size_t>(e)].data.u64);
      const auto got = ::recv(connections[i].descriptor(), octets.data(), octets.size(), 0);
      if (got <= 0)
        throw std::runtime_error("the server has closed a connection");
      if (received[i] == 0
          && !std::string_view{octets.data(), static_cast<std::size_t>(got)}.starts_with(
              "HTTP/1.1 200"))
        throw std::runtime_error("answered: "
                                 + std::string{octets.data(), static_cast<std::size_t>(got)});
      received[i] += static_cast<std::size_t>(got);
      if (received[i] < size * what.depth)
        continue;
      if (received[i] > size * what.depth)
        throw std::runtime_error("more octets than asked for");
      received[i] = 0;
      answered += what.depth;
      send(i);
    }
  }
  ::close(ready);
  return answered;
}

} // namespace

int main(int argc, char** argv) {
  return sake::bench::run_program("sake-bench-heads", usage, [&] {
    sake::bench::flags flags{
        argc,
        argv,
        {"--port", "--head", "--path", "--connections", "--depth", "--seconds", "--requests"},
        {"--repeat"}};
    std::string head = read_text(flags.text("--head", ""));
    replace(head, "\n", "\r\n");
    replace(head, "{path}", flags.text("--path", "/plaintext"));
    head += "\r\n";
    const order what{flags.port(), flags.number("--connections", 100, 1),
                     flags.number("--depth", 1, 1), flags.number("--requests", 0),
                     std::chrono::seconds{flags.number("--seconds", 3, 1)}};
    const bool repeats = flags.has("--repeat");
    const auto size = answer_size(what.port, {head, 1, repeats});
    const auto begun = clock_type::now();
    const auto answers = run(what, {head, what.depth, repeats}, size);
    const std::chrono::duration<double> taken = clock_type::now() - begun;
    std::cout << R"({"requests": )" << answers << R"(, "seconds": )" << taken.count() << "}\n";
    return 0;
  });
}
