// A thread that runs one shard.
#pragma once

#include "../actors/connection/connection_bound.hpp"
#include "../actors/request/shard.hpp"
#include "listener.hpp"
#include "listening_socket.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace sake {

/// A thread that runs one shard, and the listener that opens the connections of that shard. Belongs
/// to the thread that makes it, except for members marked as safe from any thread.
class reactor_thread {
public:
  /// Listens, without a thread yet: connections wait in the backlog. Takes ownership of `socket`;
  /// the other arguments must outlive this object.
  reactor_thread(actors::shard& shard, listening_socket socket, actors::connection_bound& bound,
                 const actors::transport_factory& transports);
  reactor_thread(const reactor_thread&) = delete;
  reactor_thread& operator=(const reactor_thread&) = delete;
  /// The thread must have been joined or left behind.
  ~reactor_thread() = default;

  /// Starts the thread. It may run on `cores`; empty: on all cores of the process.
  /// @throws std::system_error if the system has no further thread
  void start(const std::vector<std::size_t>& cores);

  /// The shard that the thread runs. Safe from any thread.
  [[nodiscard]] actors::shard& shard() const noexcept { return shard_; }

  /// Closes the listener once it has accepted every handshake that has begun, which may take
  /// `patience`, and drains the shard. Calls `done` on the reactor after the last connection is
  /// closed. Returns at once; safe from any thread.
  void drain(std::chrono::milliseconds patience, std::function<void()> done);

  /// Makes the thread leave its loop, close the listener and disconnect its clients. Returns at
  /// once; safe from any thread.
  void stop() { shard_.reactor().stop(); }

  /// Blocks until the thread has disconnected its clients, or `patience` has passed.
  /// @returns whether the thread has; `join` then does not wait for a handler
  [[nodiscard]] bool await_end(std::chrono::milliseconds patience) const;

  /// Blocks until the thread has ended.
  void join() { thread_.join(); }
  /// Lets the thread run on without this object, which must never be destroyed then.
  void leave_behind();
  /// Ends a thread that serves no client yet, if it was started, and closes the listener. Blocks.
  void cancel();

private:
  void run(const std::vector<std::size_t>& cores);

  actors::shard& shard_;
  std::unique_ptr<listener> listener_;
  /// Set when the thread has left its loop and disconnected its clients.
  std::promise<void> ended_;
  const std::future<void> end_ = ended_.get_future();
  std::thread thread_;
};

} // namespace sake
