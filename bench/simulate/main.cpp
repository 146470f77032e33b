// The built-in simulation: many runs, each in the order that its seed determines.
//
// Prints each finding with its seed on a line, then one line of figures. Exits with 1 if there is a
// finding, with 2 if the command line is invalid.
#include "../common/flags.hpp"

#include <sake/testing/built_in_scenario.hpp>
#include <sake/testing/cluster_scenario.hpp>

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

namespace {

using namespace sake::testing;

constexpr auto usage = "[--seeds 1000] [--seed 1] [--threads T] [--nodes N] [--plant-bug]";

/// The maximum of octets printed for a finding.
constexpr std::size_t longest_line = 300;

struct settings {
  seeds of;
  planted defect = planted::nothing;
  /// 0: one process, without other nodes.
  std::size_t nodes = 0;
};

settings read(int argc, char** argv) {
  const sake::bench::flags given{
      argc, argv, {"--seeds", "--seed", "--threads", "--nodes"}, {"--plant-bug"}};
  settings wanted;
  wanted.of.count = given.number("--seeds", 1000, 1, 100'000'000);
  wanted.of.first = given.number("--seed", 1);
  wanted.of.threads =
      given.number("--threads", std::max(1u, std::thread::hardware_concurrency()), 1, 1024);
  wanted.nodes = given.number("--nodes", 0, 2, 20);
  if (given.has("--plant-bug"))
    wanted.defect = planted::lost_wakeup;
  return wanted;
}

std::string escaped(char c) {
  if (c == '\r')
    return "\\r";
  if (c == '\n')
    return "\\n";
  if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)
    return {c};
  char text[5];
  std::snprintf(text, sizeof text, "\\x%02x", static_cast<unsigned>(c));
  return text;
}

/// A finding on one line: it may quote a whole response, so control characters are escaped and the
/// line is cut.
std::string one_line(const finding& shown) {
  std::ostringstream whole;
  whole << shown;
  std::string line;
  for (const char c : whole.str()) {
    const auto next = escaped(c);
    if (line.size() + next.size() > longest_line)
      return line + "...";
    line += next;
  }
  return line;
}

int run(const settings& wanted) {
  const auto begun = std::chrono::steady_clock::now();
  const bool has_bug = wanted.defect != planted::nothing;
  const auto result =
      wanted.nodes == 0
          ? simulate(built_in_scenario(wanted.defect), wanted.of)
          : simulate_runs(
              [&](std::uint64_t seed) {
                return run_cluster(seed, {.nodes = wanted.nodes, .runs_posts_again = has_bug});
              },
              wanted.of);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  for (const auto& each : result.findings)
    std::cout << one_line(each) << '\n';
  std::cout << std::flush;
  std::printf("seeds=%" PRIu64 " seconds=%.2f findings=%zu trace=%016" PRIx64 "\n", result.seeds,
              taken.count(), result.findings.size(), result.trace);
  return result ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  return sake::bench::run_program("sake-simulate", usage, [&] { return run(read(argc, argv)); });
}
