// A counted pointer to a pooled object: what request and response are made of.
#pragma once

#include <sake/http/detail/free_list.hpp>

#include <atomic>
#include <cstdint>
#include <utility>

namespace sake::http::detail {

/// What a pooled, counted object starts with.
template <class T>
struct pooled {
  std::atomic<std::uint32_t> references{1};
  T* next_free = nullptr;
};

/// A counted pointer to a pooled object. Copies share the object; the count is safe from any
/// thread. The last handle empties the object (`T::recycle`) and keeps it for the thread's next.
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

  // Most handles have been moved from when they end: that costs no call.
  void release() noexcept {
    if (object_ != nullptr)
      release_object();
  }

  void release_object() noexcept {
    // The only owner need not write: nobody else can come to own what only we hold.
    if (object_->references.load(std::memory_order_acquire) != 1
        && object_->references.fetch_sub(1, std::memory_order_acq_rel) != 1)
      return;
    if (!object_->recycle() || !free_list<T>::give(object_))
      delete object_;
  }

  T* object_ = nullptr;
};

} // namespace sake::http::detail
