// Opens many keep-alive connections, has a request answered on each while all are open, prints the
// result as a line of JSON, and holds the connections open until its input ends.
//
// In each round the requests are sent on all connections before the first response is read. The
// exit status is 1 if a connection could not be opened or a request was not answered.

#include "client/http_connection.hpp"
#include "common/flags.hpp"

#include <sys/resource.h>

#include <cstdint>
#include <exception>
#include <iostream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace {

constexpr auto usage = "--port N [--path /plaintext] [--connections 5000] [--rounds 1]";

using sake::bench::http_connection;

/// Connections per source address: well below the number of ephemeral ports.
constexpr std::size_t connections_per_source = 4'000;

/// A connection; empty after its first failure.
using slot = std::optional<http_connection>;

struct counts {
  std::size_t opened = 0;
  std::size_t answered = 0;
  std::size_t errors = 0;
};

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Runs `step`. A failure is counted and empties the slot; the first failure is printed.
template <class Step>
bool attempt(counts& total, slot& connection, Step step) {
  try {
    step();
    return true;
  } catch (const std::exception& error) {
    if (total.errors++ == 0)
      std::cerr << "sake-bench-idle: " << error.what() << '\n';
    connection.reset();
    return false;
  }
}

std::vector<slot> open_all(counts& total, std::uint16_t port, std::size_t count) {
  std::vector<slot> slots(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto source = static_cast<std::uint8_t>(1 + i / connections_per_source);
    total.opened += attempt(total, slots[i], [&] { slots[i].emplace(port, source); });
  }
  return slots;
}

void ask_all(counts& total, std::vector<slot>& slots, const std::string& request) {
  for (auto& connection : slots)
    if (connection)
      attempt(total, connection, [&] { connection->send(request); });
  std::string response;
  for (auto& connection : slots)
    if (connection)
      total.answered += attempt(total, connection, [&] { connection->receive(response); });
}

} // namespace

int main(int argc, char** argv) {
  return sake::bench::run_program("sake-bench-idle", usage, [&] {
    sake::bench::flags flags{argc, argv, {"--port", "--path", "--connections", "--rounds"}};
    auto request = sake::bench::get_request(flags.text("--path", "/plaintext"));
    auto rounds = flags.number("--rounds", 1);

    raise_descriptor_limit();
    counts total;
    auto slots = open_all(total, flags.port(), flags.number("--connections", 5'000));
    for (std::size_t i = 0; i < rounds; ++i)
      ask_all(total, slots, request);
    std::cout << R"({"opened": )" << total.opened << R"(, "answered": )" << total.answered
              << R"(, "errors": )" << total.errors << "}" << std::endl;
    std::cin.ignore(std::numeric_limits<std::streamsize>::max());
    return total.errors == 0 ? 0 : 1;
  });
}
