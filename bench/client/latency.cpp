// Asks for one path over one keep-alive connection, one request at a time, and reports the round
// trips as a line of JSON.
//
//   sake-bench-client --port N [--path /] [--count 20000] [--warmup 1000] [--pause-us 0]

#include "common/latency.hpp"
#include "client/http_connection.hpp"
#include "common/flags.hpp"

#include <chrono>
#include <exception>
#include <iostream>
#include <string>

int main(int argc, char** argv) try {
  using namespace sake::bench;
  flags flags{argc, argv, {"--port", "--path", "--count", "--warmup", "--pause-us"}};
  const auto request = get_request(flags.text("--path", "/"));
  const std::chrono::microseconds pause{flags.number("--pause-us", 0)};
  http_connection connection{flags.port()};
  std::string response;
  auto record = measure_round_trips(
      flags.number("--count", 20'000), flags.number("--warmup", 1'000),
      [&] {
        connection.send(request);
        connection.receive(response);
      },
      pause);
  record.write_json(std::cout);
} catch (const std::exception& error) {
  std::cerr << "sake-bench-client: " << error.what() << '\n';
  return 1;
}
