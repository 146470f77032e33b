// Resolves the names of nodes beside the reactor.
#pragma once

#include "../../reactor/reactor.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sake::actors::nodes {

/// Resolves host names on a thread of its own, which ends when there is nothing to resolve. Belongs
/// to the thread of one reactor.
class resolver {
public:
  /// The numeric addresses, such as "10.0.0.7:7946" and "[::1]:7946", each once; or none, and why.
  using answer = std::function<void(std::vector<std::string> addresses, std::string problem)>;

  /// @param home  must outlive the resolver
  explicit resolver(reactor& home) : reactor_(home) {}
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;
  /// Waits for the look-up under way, which may take as long as the system's resolver is patient.
  /// Calls no further `answer`.
  ~resolver();

  /// Resolves `host_and_port`, host:port, and calls `then` on the reactor, soon and once.
  void resolve(std::string host_and_port, answer then);

private:
  struct task {
    std::string host_and_port;
    answer then;
  };

  void run(const std::weak_ptr<int>& alive);

  reactor& reactor_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  std::mutex mutex_;
  std::deque<task> tasks_;
  bool is_running_ = false;
  std::thread thread_;
};

} // namespace sake::actors::nodes
