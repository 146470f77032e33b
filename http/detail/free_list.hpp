// Objects that a thread used and keeps for its next request, instead of the heap.
#pragma once

#include <cstddef>

namespace sake::http::detail {

/// A bounded list, per thread, of objects of type `T` that wait to be used again. `T` has a
/// member `T* next_free`. The list of a thread goes with the thread.
template <class T, std::size_t Max = 256>
class free_list {
public:
  /// @returns an object given earlier on this thread, or null
  static T* take() noexcept {
    T* object = state_.head;
    if (object != nullptr) {
      state_.head = object->next_free;
      --state_.size;
    }
    return object;
  }

  /// Keeps `object` for a later `take` on this thread.
  /// @returns false when the list is full or the thread is ending: the caller deletes
  static bool give(T* object) noexcept {
    if (state_.size >= state_.max) {
      if (state_.max != 0 || state_.closed)
        return false;
      arm();
    }
    object->next_free = state_.head;
    state_.head = object;
    ++state_.size;
    return true;
  }

private:
  // Trivial, so that the hot path touches thread-local memory without a check for its set-up.
  struct state {
    T* head = nullptr;
    std::size_t size = 0;
    std::size_t max = 0;
    bool closed = false;
  };

  struct closer {
    ~closer() {
      state_.max = 0;
      state_.closed = true;
      while (T* object = take())
        delete object;
    }
  };

  static void arm() noexcept {
    static thread_local closer at_thread_exit;
    (void)at_thread_exit;
    state_.max = Max;
  }

  static inline constinit thread_local state state_{};
};

} // namespace sake::http::detail
