// The signals that an engine handles.
#pragma once

#include "signal_actions.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>
#include <string_view>

namespace sake {

/// The signals that an engine handles: SIGINT and SIGTERM end it, SIGHUP makes it read its files
/// again. Saves the actions that the program had chosen, and restores them.
///
/// Belongs to the thread that runs the event loop; signals are handled only while the loop runs.
class signal_watch {
public:
  /// What the signals do.
  struct reactions {
    /// On the first SIGINT or SIGTERM, with its name.
    std::function<void(std::string_view)> end;
    /// On the second.
    std::function<void()> end_at_once;
    /// On each SIGHUP; empty: the program's action for SIGHUP stays.
    std::function<void()> hangup;
  };

  explicit signal_watch(boost::asio::io_context& loop) : terminations_(loop), hangups_(loop) {}

  /// Ignores SIGPIPE and SIGXFSZ, unless the program has chosen an action: a closed peer or pipe
  /// and a file at its size limit are errors of one call.
  void ignore_write_signals();

  /// Handles SIGINT, SIGTERM and, if there is a reaction, SIGHUP. Call it once.
  /// @throws boost::system::system_error if the system refuses
  void start(reactions chosen);

  /// Restores the program's actions, also of the ignored signals.
  void stop() noexcept;

private:
  void await_termination();
  void await_hangup();

  reactions reactions_;
  boost::asio::signal_set terminations_;
  boost::asio::signal_set hangups_;
  signal_actions actions_;
};

} // namespace sake
