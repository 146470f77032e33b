// How many fib(n) a machine computes per second without a server: the reference for CPU routes.

#include "common/fib.hpp"
#include "common/flags.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <thread>
#include <vector>

namespace {

constexpr auto usage = "[--n 30] [--seconds 3] [--threads 1]";

} // namespace

int main(int argc, char** argv) {
  return sake::bench::run_program("sake-bench-native", usage, [&] {
    using clock = std::chrono::steady_clock;
    sake::bench::flags flags{argc, argv, {"--n", "--seconds", "--threads"}};
    const auto n = static_cast<std::uint32_t>(flags.number("--n", 30));
    const auto begin = clock::now();
    const auto end = begin + std::chrono::seconds{flags.number("--seconds", 3)};
    std::atomic<std::uint64_t> computed{0};
    std::atomic<std::uint64_t> sum{0}; // keeps the compiler from removing the work
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < flags.number("--threads", 1); ++i)
      threads.emplace_back([&] {
        for (; clock::now() < end; ++computed)
          sum += sake::bench::fib(n);
      });
    for (auto& each : threads)
      each.join();
    const std::chrono::duration<double> taken = clock::now() - begin;
    std::cout << R"({"per_second": )" << static_cast<double>(computed) / taken.count()
              << R"(, "sum": )" << sum << "}\n";
    return 0;
  });
}
