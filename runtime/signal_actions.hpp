// Saves and restores the signal actions that an engine changes.
#pragma once

#include <vector>

namespace sake {

/// Saves the actions of signals (sigaction(2)) that an engine changes, and restores them. If a
/// process has several engines, the first saves an action and the last restores it. Different
/// objects may be used from any threads, each from one thread at a time.
class signal_actions {
public:
  signal_actions() = default;
  signal_actions(const signal_actions&) = delete;
  signal_actions& operator=(const signal_actions&) = delete;
  /// Restores nothing: an engine that is left behind may still need its actions.
  ~signal_actions() = default;

  /// Saves the action of signal `number`; the caller then changes it.
  void keep(int number);
  /// Saves the action of signal `number` and, if it is the default, ignores the signal. A handler
  /// of the program stays.
  void ignore_default(int number);
  /// Restores all saved actions.
  void give_back() noexcept;

private:
  std::vector<int> kept_;
};

} // namespace sake
