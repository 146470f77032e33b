#include "frame_pool.hpp"

#include "../../http/detail/free_list.hpp"

#include <new>

namespace sake::routing::detail {

namespace {

// A frame of up to Size octets. Frames above the largest class go straight to the heap.
template <std::size_t Size>
struct block {
  union {
    block* next_free;
    alignas(std::max_align_t) std::byte room[Size];
  };
  block() : next_free(nullptr) {}
};

template <std::size_t Size>
using pool = http::detail::free_list<block<Size>, 64>;

template <std::size_t Size>
void* take() {
  if (auto* kept = pool<Size>::take())
    return kept;
  return new block<Size>;
}

template <std::size_t Size>
void give(void* frame) noexcept {
  auto* freed = static_cast<block<Size>*>(frame);
  if (!pool<Size>::give(freed))
    delete freed;
}

} // namespace

void* allocate_frame(std::size_t size) {
  if (size <= 256)
    return take<256>();
  if (size <= 512)
    return take<512>();
  if (size <= 1024)
    return take<1024>();
  return ::operator new(size);
}

void free_frame(void* frame, std::size_t size) noexcept {
  if (size <= 256)
    give<256>(frame);
  else if (size <= 512)
    give<512>(frame);
  else if (size <= 1024)
    give<1024>(frame);
  else
    ::operator delete(frame);
}

} // namespace sake::routing::detail
