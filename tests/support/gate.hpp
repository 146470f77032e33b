// Holds up what runs on another thread.
#pragma once

#include <semaphore>

namespace sake::test {

/// A place where what runs on another thread waits for the test.
class gate {
public:
  /// For the other thread: tells that it is here, and waits.
  void pass() {
    entered_.release();
    open_.acquire();
  }

  /// For the test: waits until somebody is here.
  void await_visitor() { entered_.acquire(); }
  /// Lets so many pass.
  void open(int count = 1) { open_.release(count); }

private:
  std::counting_semaphore<> entered_{0};
  std::counting_semaphore<> open_{0};
};

} // namespace sake::test
