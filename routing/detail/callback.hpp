// A move-only function of a context that needs no heap when it is small.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace sake {
class context;
} // namespace sake

namespace sake::routing::detail {

/// A move-only `void(context&)` that stores up to 48 octets of captures inside itself, so that
/// middleware can register a function for after the response without an allocation.
class callback {
public:
  callback() noexcept = default;

  template <class Function>
    requires(!std::is_same_v<std::remove_cvref_t<Function>, callback>)
  callback(Function&& function) { // NOLINT: made implicitly from the argument of `next`
    using stored = std::remove_cvref_t<Function>;
    if constexpr (sizeof(stored) <= sizeof(room_) && alignof(stored) <= alignof(std::max_align_t)
                  && std::is_nothrow_move_constructible_v<stored>) {
      new (room_) stored(std::forward<Function>(function));
      table_ = &inline_table<stored>;
    } else {
      new (room_) stored*(new stored(std::forward<Function>(function)));
      table_ = &heap_table<stored>;
    }
  }

  callback(callback&& other) noexcept { take(other); }

  callback& operator=(callback&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }

  ~callback() { reset(); }

  explicit operator bool() const noexcept { return table_ != nullptr; }

  void operator()(context& ctx) { table_->call(room_, ctx); }

private:
  struct operations {
    void (*call)(void*, context&);
    void (*move)(void* to, void* from) noexcept;
    void (*destroy)(void*) noexcept;
  };

  template <class Stored>
  static constexpr operations inline_table{
      [](void* room, context& ctx) { (*static_cast<Stored*>(room))(ctx); },
      [](void* to, void* from) noexcept {
        new (to) Stored(std::move(*static_cast<Stored*>(from)));
        static_cast<Stored*>(from)->~Stored();
      },
      [](void* room) noexcept { static_cast<Stored*>(room)->~Stored(); }};

  template <class Stored>
  static constexpr operations heap_table{
      [](void* room, context& ctx) { (**static_cast<Stored**>(room))(ctx); },
      [](void* to, void* from) noexcept { new (to) Stored*(*static_cast<Stored**>(from)); },
      [](void* room) noexcept { delete *static_cast<Stored**>(room); }};

  void take(callback& other) noexcept {
    table_ = std::exchange(other.table_, nullptr);
    if (table_ != nullptr)
      table_->move(room_, other.room_);
  }

  void reset() noexcept {
    if (table_ != nullptr)
      std::exchange(table_, nullptr)->destroy(room_);
  }

  alignas(std::max_align_t) std::byte room_[48];
  const operations* table_ = nullptr;
};

} // namespace sake::routing::detail
