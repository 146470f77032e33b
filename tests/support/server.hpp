// A server in this process, for end-to-end tests.
#pragma once

#include "client.hpp"

#include <sake/runtime/engine.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <sys/resource.h>

namespace sake::test {

/// Waits until `holds()`.
template <class Predicate>
void wait_until(Predicate holds) {
  // So long that it is met by nothing but a test that would never end.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{90};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > patience)
      throw std::runtime_error("what the test waits for does not happen");
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

/// Both ends of every connection are ours: the usual bound of 1024 descriptors is soon met.
inline void allow_many_descriptors() {
  rlimit bound{};
  if (::getrlimit(RLIMIT_NOFILE, &bound) == 0) {
    bound.rlim_cur = bound.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &bound);
  }
}

/// What tests start from: a port that the system chooses, two reactors, two workers that get their
/// share of a busy machine, no signals.
inline config test_config() {
  return config{}
      .with_address("127.0.0.1:0")
      .with_reactors(2)
      .with_workers(2)
      .with_worker_scheduling(scheduling::normal)
      .with_worker_pinning(false)
      .with_signals(false);
}

/// An engine in this process. Routes first, then `start`, then clients; what handlers refer to
/// stands before the server, so that it outlives it.
class server {
public:
  explicit server(config options = test_config()) : app(std::move(options)) {
    allow_many_descriptors();
  }

  void start() {
    if (const auto begun = app.start(); !begun)
      throw std::runtime_error(begun.error);
  }

  [[nodiscard]] client connect() const { return client{app.port()}; }

  /// The response to one request on a connection of its own.
  [[nodiscard]] answer ask(std::string_view octets) const { return connect().ask(octets); }

  engine app;
};

} // namespace sake::test
