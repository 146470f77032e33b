// What the process does on signals, kept while an engine does otherwise.
#pragma once

#include <vector>

namespace sake {

/// Keeps the actions of signals (sigaction(2)) that an engine changes, and gives them back. Of
/// several engines in a process the first keeps an action, and the last gives it back. Safe from
/// any thread, each object from one at a time.
class signal_actions {
public:
  signal_actions() = default;
  signal_actions(const signal_actions&) = delete;
  signal_actions& operator=(const signal_actions&) = delete;
  /// Gives nothing back: an engine that is left behind may still need its actions.
  ~signal_actions() = default;

  /// Keeps the action of signal `number`, which the caller then changes.
  void keep(int number);
  /// Keeps the action of signal `number` and has it ignored, where it would end the process by
  /// default. A handler of the program stays.
  void ignore_default(int number);
  /// Gives back all that is kept.
  void give_back() noexcept;

private:
  std::vector<int> kept_;
};

} // namespace sake
