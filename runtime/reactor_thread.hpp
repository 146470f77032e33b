// A thread that runs one shard.
#pragma once

#include "../actors/connection/connection_limit.hpp"
#include "../actors/request/shard.hpp"
#include "listener.hpp"
#include "listening_socket.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace sake {

/// A thread that runs one shard, and the listener that opens the connections of that shard. While
/// connections are few, it gives each new one to the thread with the fewest, because the kernel
/// chooses the listener by chance. Belongs to the thread that makes it, except for
/// members marked as safe from any thread.
class reactor_thread {
public:
  /// Listens, without a thread yet: connections wait in the backlog. Takes ownership of `socket`;
  /// the other arguments must outlive this object.
  /// @param all  the threads of the engine, this one included; complete before one starts
  reactor_thread(std::deque<reactor_thread>& all, actors::shard& shard, listening_socket socket,
                 actors::connection_limit& limit, const actors::transport_factory& transports);
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
  struct gift;

  void run(const std::vector<std::size_t>& cores);
  bool give_away(int socket, const http::peer& peer);
  [[nodiscard]] bool may_give_away() noexcept;
  bool receive(int socket, const http::peer& peer);
  [[nodiscard]] std::size_t load() const noexcept {
    return shard_.connection_count() + coming_.load(std::memory_order_relaxed);
  }
  void drain_once_all_came(const std::function<void()>& done);

  std::deque<reactor_thread>& all_;
  actors::shard& shard_;
  /// Connections that other threads have given to this one and that are not open yet.
  std::atomic<std::size_t> coming_{0};
  std::atomic<bool> is_draining_{false};
  /// Connections that may be given away, and when there will be one more.
  std::size_t gifts_ = 0;
  actors::time_point next_gift_;
  std::unique_ptr<listener> listener_;
  /// Set when the thread has left its loop and disconnected its clients.
  std::promise<void> ended_;
  const std::future<void> end_ = ended_.get_future();
  std::thread thread_;
};

} // namespace sake
