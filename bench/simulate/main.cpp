// The built-in simulation: many seeds, each a run whose order the seed decides.
//
// usage: sake-simulate [--seeds N] [--seed S] [--threads T] [--plant-bug]
// Prints each finding with its seed, then one line of figures. Exits with 1 where there is a
// finding, with 2 where the command line makes no sense.
#include "../common/flags.hpp"

#include <sake/testing/built_in_scenario.hpp>

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace {

using namespace sake::testing;

struct settings {
  seeds of;
  planted defect = planted::nothing;
};

settings read(int argc, char** argv) {
  const sake::bench::flags given{argc, argv, {"--seeds", "--seed", "--threads"}, {"--plant-bug"}};
  settings wanted;
  wanted.of.count = given.number("--seeds", 1000);
  wanted.of.first = given.number("--seed", 1);
  wanted.of.threads = given.number("--threads", std::max(1u, std::thread::hardware_concurrency()));
  if (wanted.of.count == 0 || wanted.of.count > 100'000'000)
    throw std::invalid_argument("--seeds wants a number from 1 to 100000000");
  if (wanted.of.threads == 0 || wanted.of.threads > 1024)
    throw std::invalid_argument("--threads wants a number from 1 to 1024");
  if (given.has("--plant-bug"))
    wanted.defect = planted::lost_wakeup;
  return wanted;
}

int run(const settings& wanted) {
  const auto begun = std::chrono::steady_clock::now();
  const auto result = simulate(built_in_scenario(wanted.defect), wanted.of);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  for (const auto& each : result.findings)
    std::cout << each << '\n';
  std::cout << std::flush;
  std::printf("seeds=%" PRIu64 " seconds=%.2f findings=%zu trace=%016" PRIx64 "\n", result.seeds,
              taken.count(), result.findings.size(), result.trace);
  return result ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run(read(argc, argv));
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "sake-simulate: %s\n", error.what());
    return 2;
  }
}
