#include "spare_octets.hpp"

#include <array>
#include <utility>

namespace sake::http::detail {

namespace {

// More would be needed only if more contents ended at once, before another one began.
constexpr std::size_t places = 8;

struct store {
  ~store() { spare_octets::set_limit(0); }

  std::array<std::string, places> kept;
  std::size_t count = 0;
};

store& here() noexcept {
  static thread_local store of_thread;
  return of_thread;
}

} // namespace

void spare_octets::set_limit(std::size_t octets) noexcept {
  limit_ = octets;
  while (held_ > limit_)
    (void)take(held_);
}

std::string spare_octets::take(std::size_t wanted) noexcept {
  if (held_ == 0 || wanted <= least)
    return {};
  auto& own = here();
  auto& last = own.kept[own.count - 1];
  if (last.capacity() / 2 > wanted)
    return {};
  --own.count;
  held_ -= last.capacity();
  return std::exchange(last, {});
}

void spare_octets::give(std::string&& used) noexcept {
  std::string last = std::move(used);
  const std::size_t octets = last.capacity();
  if (octets <= least || octets > limit_ - held_)
    return;
  auto& own = here();
  if (own.count == places)
    return;
  own.kept[own.count++] = std::move(last);
  held_ += octets;
}

void spare_octets::drop() noexcept {
  const auto before = limit_;
  set_limit(0);
  limit_ = before;
}

} // namespace sake::http::detail
