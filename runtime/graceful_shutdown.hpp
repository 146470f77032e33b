// Ends the threads of an engine.
#pragma once

#include "../actors/workers/executors.hpp"
#include "config/address.hpp"
#include "config/config.hpp"
#include "engine_node.hpp"
#include "reactor_thread.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <string_view>

namespace sake {

/// Ends the threads of an engine: drains the connections, then stops reactors and executors, and
/// leaves behind a thread that is still busy at the drain deadline.
///
/// Belongs to the thread that runs the event loop `control`. All referenced objects must outlive
/// it.
class graceful_shutdown {
public:
  graceful_shutdown(boost::asio::io_context& control, const config& options, const address& bound,
                    std::deque<reactor_thread>& reactors);

  /// Tells the other nodes of the shutdown by `node`, which must outlive this object. Before
  /// `begin`.
  void accompany(engine_node& node) noexcept { node_ = &node; }

  /// Begins the drain, and starts the drain deadline. After the last connection, at the deadline or
  /// at `cut_short` the reactors stop, and so does `control`. Only the first call has an effect.
  /// @param why  for the log: a signal, or "shutdown"; must outlive this object
  void begin(std::string_view why);

  /// Moves the drain deadline to this moment, and stops the reactors and `control`.
  void cut_short();

  /// Joins the reactors and stops the executors. Blocks until the drain deadline, and 200 ms for
  /// each of both steps at least; runs the handlers of `control` while it waits, so that a signal
  /// may cut it short.
  /// @returns false if a handler or a task is left behind, which is logged: its thread still uses
  ///          the engine, which must never be destroyed then
  [[nodiscard]] bool end_threads(actors::executors& executors);

  /// Logs that the engine has ended: why, how, and how long the shutdown took.
  void log_end(bool has_left_threads) const;

private:
  void shard_drained();
  void stop_reactors();
  template <class Wait>
  [[nodiscard]] bool await(std::chrono::steady_clock::time_point at_least, Wait has_ended);
  [[nodiscard]] bool join_reactors(std::chrono::steady_clock::time_point at_least);

  boost::asio::io_context& control_;
  const config& options_;
  const address& bound_;
  std::deque<reactor_thread>& reactors_;
  boost::asio::steady_timer drain_timer_;
  /// Null if this is the only node.
  engine_node* node_ = nullptr;
  bool has_begun_ = false;
  std::string_view reason_;
  std::chrono::steady_clock::time_point begun_;
  /// The drain deadline.
  std::chrono::steady_clock::time_point due_;
  /// Shards with open connections.
  std::size_t undrained_ = 0;
  bool has_drained_ = false;
};

} // namespace sake
