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

/// Waits until `holds()` returns true.
template <class Predicate>
void wait_until(Predicate holds) {
  // Long enough that only a hanging test reaches it.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{90};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > patience)
      throw std::runtime_error("what the test waits for does not happen");
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

/// Both ends of every connection are in this process, so the usual limit of 1024 descriptors is too
/// low.
inline void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

/// The base configuration of tests: a port chosen by the system, two reactors, two workers that get
/// CPU time on a busy machine, no signals.
inline config test_config() {
  return config{}
      .with_address("127.0.0.1:0")
      .with_reactors(2)
      .with_workers(2)
      .with_worker_scheduling(scheduling::normal)
      .with_worker_pinning(false)
      .with_signals(false);
}

/// An engine in this process. Register routes, then call `start`, then connect clients. Variables
/// that handlers refer to must be declared before the server, so that they outlive it.
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

  /// The response to one request on a new connection.
  [[nodiscard]] answer ask(std::string_view octets) const { return connect().ask(octets); }

  engine app;
};

} // namespace sake::test
