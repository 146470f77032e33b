#include "deadline_wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace sake::actors {

namespace {

using std::chrono::milliseconds;
using link = detail::deadline_link;

bool is_empty(const link& list) noexcept {
  return list.next_link == &list;
}

void remove(link& element) noexcept {
  element.previous_link->next_link = element.next_link;
  element.next_link->previous_link = element.previous_link;
  element.next_link = element.previous_link = &element;
}

void append(link& list, link& element) noexcept {
  element.previous_link = list.previous_link;
  element.next_link = &list;
  list.previous_link->next_link = &element;
  list.previous_link = &element;
}

void append_all(link& list, link& others) noexcept {
  if (is_empty(others))
    return;
  list.previous_link->next_link = others.next_link;
  others.next_link->previous_link = list.previous_link;
  others.previous_link->next_link = &list;
  list.previous_link = others.previous_link;
  others.next_link = others.previous_link = &others;
}

} // namespace

deadline::~deadline() {
  if (wheel_ != nullptr)
    wheel_->disarm(*this);
}

deadline_wheel::deadline_wheel(time_point start) noexcept
    : start_(std::chrono::floor<milliseconds>(start.time_since_epoch())) {}

deadline_wheel::~deadline_wheel() {
  append_all(due_, expiring_);
  for (auto& level : slots_)
    for (link& slot : level)
      append_all(due_, slot);
  while (!is_empty(due_)) {
    auto& what = static_cast<deadline&>(*due_.next_link);
    remove(what);
    what.wheel_ = nullptr;
  }
}

// -- ticks and places ---------------------------------------------------------

deadline_wheel::tick deadline_wheel::tick_at(milliseconds since_epoch) const noexcept {
  return since_epoch > start_ ? static_cast<tick>((since_epoch - start_).count()) : 0;
}

deadline_wheel::time_point deadline_wheel::time_at(tick at) const noexcept {
  constexpr auto last = std::chrono::floor<milliseconds>(time_point::max().time_since_epoch());
  const auto since_epoch = start_ + milliseconds{at};
  return since_epoch <= last ? time_point{since_epoch} : time_point::max();
}

deadline_wheel::place deadline_wheel::place_of(tick at) const noexcept {
  const std::size_t level = (std::bit_width(at ^ now_) - 1U) / digit_bits;
  return {level, at >> (level * digit_bits) & (slots_per_level - 1)};
}

deadline_wheel::tick deadline_wheel::start_of(place where) const noexcept {
  const std::size_t shift = where.level * digit_bits;
  const tick turn = now_ >> shift >> digit_bits;
  return (turn << digit_bits | where.slot) << shift;
}

std::optional<deadline_wheel::place> deadline_wheel::first_occupied() const noexcept {
  for (std::size_t level = 0; level < levels; ++level)
    if (occupied_[level] != 0)
      return place{level, static_cast<std::size_t>(std::countr_zero(occupied_[level]))};
  return std::nullopt;
}

// -- arming -------------------------------------------------------------------

void deadline_wheel::arm(deadline& what, time_point when) noexcept {
  const tick at = tick_at(std::chrono::ceil<milliseconds>(when.time_since_epoch()));
  if (what.wheel_ == this && what.tick_ == at && at > now_)
    return;
  disarm(what);
  what.tick_ = at;
  what.wheel_ = this;
  insert(what, due_);
}

void deadline_wheel::insert(deadline& what, link& when_due) noexcept {
  if (what.tick_ <= now_) {
    append(when_due, what);
    return;
  }
  const place where = place_of(what.tick_);
  append(slot_at(where), what);
  occupied_[where.level] |= std::uint64_t{1} << where.slot;
}

void deadline_wheel::disarm(deadline& what) noexcept {
  if (what.wheel_ == nullptr)
    return;
  deadline_wheel& home = *std::exchange(what.wheel_, nullptr);
  remove(what);
  if (what.tick_ <= home.now_)
    return;
  const place where = home.place_of(what.tick_);
  if (is_empty(home.slot_at(where)))
    home.occupied_[where.level] &= ~(std::uint64_t{1} << where.slot);
}

// -- expiring -----------------------------------------------------------------

void deadline_wheel::advance(time_point now) {
  const tick target =
      std::max(now_, tick_at(std::chrono::floor<milliseconds>(now.time_since_epoch())));
  append_all(expiring_, due_);
  for (auto where = first_occupied(); where && start_of(*where) <= target; where = first_occupied())
    open(*where);
  now_ = target;
  while (!is_empty(expiring_)) {
    auto& what = static_cast<deadline&>(*expiring_.next_link);
    disarm(what);
    what.expired(now);
  }
}

// Advances to the start of `where`, the first occupied slot. Its due deadlines expire; the others
// move to lower levels. Nothing else has to move: in all other slots the first digit that differs
// from the present remains the same until the present reaches them.
void deadline_wheel::open(place where) noexcept {
  link opened;
  append_all(opened, slot_at(where));
  occupied_[where.level] &= ~(std::uint64_t{1} << where.slot);
  now_ = start_of(where);
  while (!is_empty(opened)) {
    auto& what = static_cast<deadline&>(*opened.next_link);
    remove(what);
    insert(what, expiring_);
  }
}

std::optional<deadline_wheel::time_point> deadline_wheel::next() const noexcept {
  if (!is_empty(due_) || !is_empty(expiring_))
    return time_at(now_);
  if (const auto where = first_occupied())
    return time_at(start_of(*where));
  return std::nullopt;
}

bool deadline_wheel::empty() const noexcept {
  return is_empty(due_) && is_empty(expiring_) && !first_occupied();
}

} // namespace sake::actors
