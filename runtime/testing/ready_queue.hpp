// Socket events of a test, on their way to a reactor.
#pragma once

#include "../../actors/reactor/reactor.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

namespace sake::testing {

/// Holds socket events until the test delivers them, in any order, as epoll may.
class ready_queue {
public:
  /// @param home  must outlive the queue
  explicit ready_queue(actors::reactor& home) noexcept : home_(home) {}

  void add(std::function<void()> event) { events_.push_back(std::move(event)); }

  [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }

  /// Delivers event `i` to the reactor, with all its effects.
  void handle(std::size_t i) {
    const auto event = std::move(events_[i]);
    events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(i));
    const actors::reactor::stay here{home_};
    event();
  }

private:
  actors::reactor& home_;
  std::deque<std::function<void()>> events_;
};

} // namespace sake::testing
