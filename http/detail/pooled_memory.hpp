// Memory of objects from a pool of the thread.
#pragma once

#include "free_list.hpp"

#include <cstddef>
#include <new>

namespace sake::http::detail {

/// Gives objects of the final class `Object` the memory of the pool of the thread that makes them;
/// it goes to the pool of the thread that deletes them.
template <class Object>
class pooled_memory {
public:
  static void* operator new(std::size_t size) {
    if (auto* kept = pool::take()) {
      unpoison(kept, size);
      return kept;
    }
    return ::operator new(size);
  }

  static void operator delete(void* memory) noexcept {
    auto* freed = static_cast<freed_object*>(memory);
    if (pool::give(freed))
      poison(freed, sizeof(Object));
    else
      delete freed;
  }

private:
  // Freed memory in the pool. Its type is that of one class, as is its size.
  struct freed_object {
    freed_object* next_free;
    static void operator delete(void* memory) noexcept { ::operator delete(memory); }
  };
  using pool = free_list<freed_object>;
};

} // namespace sake::http::detail
