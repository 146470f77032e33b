// A connection per request: opens one, sends a request, reads the answer, closes. Prints the number
// of answers as a line of JSON.

#include "client/http_connection.hpp"
#include "common/flags.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <iostream>
#include <string>

namespace {

constexpr auto usage =
    "--port N [--path /plaintext] [--connections 100] [--seconds 3 | --requests N]";

/// Addresses that connections come from in turn: a closed one keeps its port for a minute.
constexpr std::uint8_t sources = 250;

} // namespace

int main(int argc, char** argv) {
  using namespace sake::bench;
  return run_program("sake-bench-churn", usage, [&] {
    const flags options{
        argc, argv, {"--port", "--path", "--connections", "--seconds", "--requests"}};
    const auto request = get_request(options.text("--path", "/plaintext"));
    const auto open_at_once = options.number("--connections", 100, 1);
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds{options.number("--seconds", 3)};
    const std::uint64_t wanted = options.number("--requests", 0);
    std::uint64_t opened = 0;
    std::uint64_t answers = 0;
    std::string response;
    std::deque<http_connection> open;
    const auto receive = [&] {
      open.front().receive(response);
      open.pop_front();
      ++answers;
    };
    while (wanted != 0 ? opened < wanted : std::chrono::steady_clock::now() < end) {
      const auto source = static_cast<std::uint8_t>(1 + opened++ % sources);
      open.emplace_back(options.port(), source).send(request);
      if (open.size() == open_at_once)
        receive();
    }
    while (!open.empty())
      receive();
    std::cout << R"({"requests": )" << answers << "}" << std::endl;
    return 0;
  });
}
