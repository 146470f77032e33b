// Requests one path over one keep-alive connection, one request at a time, and prints the
// round-trip times as a line of JSON.

#include "common/latency.hpp"
#include "client/http_connection.hpp"
#include "common/flags.hpp"

#include <chrono>
#include <iostream>
#include <string>

namespace {

constexpr auto usage = "--port N [--path /] [--count 20000] [--warmup 1000] [--pause-us 0]";

} // namespace

int main(int argc, char** argv) {
  return sake::bench::run_program("sake-bench-client", usage, [&] {
    using namespace sake::bench;
    flags flags{argc, argv, {"--port", "--path", "--count", "--warmup", "--pause-us"}};
    const auto request = get_request(flags.text("--path", "/"));
    const std::chrono::microseconds pause{flags.number("--pause-us", 0)};
    const auto count = flags.number("--count", 20'000);
    const auto warmup = flags.number("--warmup", 1'000);
    http_connection connection{flags.port()};
    std::string response;
    auto record = measure_round_trips(
        count, warmup,
        [&] {
          connection.send(request);
          connection.receive(response);
        },
        pause);
    record.write_json(std::cout);
    return 0;
  });
}
