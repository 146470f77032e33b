// Objects that a thread used and keeps for its next request, instead of the heap.
#pragma once

#include "poison.hpp"

#include <cstddef>
#include <memory>

namespace sake::http::detail {

/// A bounded list, per thread, of objects of type `T` for reuse. `T` has a member `T* next_free`.
/// The list is freed at the end of its thread.
template <class T, std::size_t Max = 256>
class free_list {
public:
  /// @returns an object given earlier on this thread, or null
  static T* take() noexcept {
    T* object = state_.head;
    if (object != nullptr) {
      unpoison(object, sizeof(T));
      state_.head = object->next_free;
      --state_.size;
    }
    return object;
  }

  /// Keeps `object` for a later `take` on this thread.
  /// @returns false if the list is full or the thread is ending: the caller must delete
  static bool give(T* object) noexcept {
    if (state_.size >= state_.max) {
      if (state_.max != 0 || state_.closed)
        return false;
      arm();
    }
    object->next_free = state_.head;
    state_.head = object;
    ++state_.size;
    poison(object, sizeof(T));
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

/// Returns an object from the list of this thread, as it was given, or a new one.
template <class T>
std::unique_ptr<T> take_or_make() {
  T* const kept = free_list<T>::take();
  return std::unique_ptr<T>{kept != nullptr ? kept : new T};
}

/// Gives `object` to the list of this thread, or deletes it.
template <class T>
void give_back(std::unique_ptr<T> object) noexcept {
  if (free_list<T>::give(object.get()))
    (void)object.release();
}

} // namespace sake::http::detail
