// What sockets would tell a reactor of.
#pragma once

#include <sake/actors/reactor.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

namespace sake::testing {

/// What sockets would tell a reactor of, until somebody has it told. In any order: so does epoll.
class ready_queue {
public:
  /// @param home  outlives the queue
  explicit ready_queue(actors::reactor& home) noexcept : home_(home) {}

  void add(std::function<void()> event) { events_.push_back(std::move(event)); }

  [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }

  /// Tells the reactor of event `i`, with all that comes of it.
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
