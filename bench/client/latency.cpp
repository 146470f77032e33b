// Asks for one path over one keep-alive connection, one request at a time, and reports the round
// trips as a line of JSON.
//
//   sake-bench-client --port N [--path /] [--count 20000] [--warmup 1000] [--pause-us 0]

#include "client/http_connection.hpp"
#include "common/flags.hpp"
#include "common/latency.hpp"

#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <thread>

int main(int argc, char** argv) try {
  using namespace sake::bench;
  flags flags{argc, argv, {"--port", "--path", "--count", "--warmup", "--pause-us"}};
  auto count = flags.number("--count", 20'000);
  auto warmup = flags.number("--warmup", 1'000);
  std::chrono::microseconds pause{flags.number("--pause-us", 0)};
  auto request = get_request(flags.text("--path", "/"));

  http_connection connection{flags.port()};
  std::string response;
  latency_record record{count};
  for (std::size_t i = 0; i < warmup + count; ++i) {
    if (pause.count() > 0)
      std::this_thread::sleep_for(pause);
    auto start = latency_record::clock::now();
    connection.send(request);
    connection.receive(response);
    if (i >= warmup)
      record.add(latency_record::clock::now() - start);
  }
  record.write_json(std::cout);
} catch (const std::exception& error) {
  std::cerr << "sake-bench-client: " << error.what() << '\n';
  return 1;
}
