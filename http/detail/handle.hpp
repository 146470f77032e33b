// A counted pointer to a pooled object, as request and response hold it.
#pragma once

#include "free_list.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace sake::http::detail {

/// The most octets of memory that a pooled object keeps for its next use; larger ones are freed.
inline constexpr std::size_t pooled_octets = 4096;

/// The base of a pooled, counted object.
template <class T>
struct pooled {
  std::atomic<std::uint32_t> references{1};
  T* next_free = nullptr;
};

/// A counted pointer to a pooled object. Copies share the object; the count is safe from any
/// thread. The last handle empties the object (`T::recycle`) and gives it to the pool of its
/// thread.
template <class T>
class handle {
public:
  constexpr handle() noexcept = default;
  handle(const handle& other) noexcept : object_(other.object_) {
    if (object_ != nullptr)
      object_->references.fetch_add(1, std::memory_order_relaxed);
  }
  handle(handle&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  handle& operator=(const handle& other) noexcept { return *this = handle{other}; }
  handle& operator=(handle&& other) noexcept {
    T* const taken = std::exchange(other.object_, nullptr);
    release();
    object_ = taken;
    return *this;
  }
  ~handle() { release(); }

  /// Takes an emptied object from the thread's pool, or makes one.
  static handle make() {
    T* object = free_list<T>::take();
    if (object == nullptr)
      object = new T;
    else
      object->references.store(1, std::memory_order_relaxed);
    return handle{object};
  }

  [[nodiscard]] T* get() const noexcept { return object_; }
  T* operator->() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }

  /// Whether no other handle shares the object.
  [[nodiscard]] bool is_unique() const noexcept {
    return object_->references.load(std::memory_order_acquire) == 1;
  }

private:
  explicit handle(T* object) noexcept : object_(object) {}

  // Most handles are moved from before they end: those cost no call.
  void release() noexcept {
    if (object_ != nullptr)
      release_object();
  }

  void release_object() noexcept {
    // A sole owner need not write: no other thread can copy its handle.
    if (object_->references.load(std::memory_order_acquire) != 1
        && object_->references.fetch_sub(1, std::memory_order_acq_rel) != 1)
      return;
    if (!object_->recycle() || !free_list<T>::give(object_))
      delete object_;
  }

  T* object_ = nullptr;
};

} // namespace sake::http::detail
