// Makes another thread wait for the test.
#pragma once

#include <semaphore>

namespace sake::test {

/// A place where another thread waits until the test lets it pass.
class gate {
public:
  /// Called by the other thread: announces it, then waits for `open`.
  void pass() {
    entered_.release();
    open_.acquire();
  }

  /// Called by the test: waits until a thread has entered.
  void await_visitor() { entered_.acquire(); }
  /// Lets `count` threads pass.
  void open(int count = 1) { open_.release(count); }

private:
  std::counting_semaphore<> entered_{0};
  std::counting_semaphore<> open_{0};
};

} // namespace sake::test
