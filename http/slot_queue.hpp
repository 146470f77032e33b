// The requests of one connection that wait for their response, in order.
#pragma once

#include <sake/http/limits.hpp>
#include <sake/http/response.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sake::http {

/// What works on a request, and is told when nobody waits for its response any more.
class answering {
public:
  /// What has not begun need not begin.
  /// @param status  504 when the deadline has passed; 499, which no client sees, when the client
  ///                has gone or will read no further
  virtual void cancel(int status) noexcept = 0;

protected:
  ~answering() = default;
};

/// A request that waits for its response, or a response that waits for those before it.
struct slot {
  http::response response{nullptr};
  /// When a response must be there.
  time_point due = time_point::max();
  /// Who is to be told when the response is no longer waited for; null: nobody.
  answering* by = nullptr;
  bool is_ready = false;
  bool keep_alive = true;
  bool is_head = false;
  std::uint8_t minor_version = 1;
};

/// The requests of one connection that wait for their response, in order. Each has an id, counted
/// up from 1.
class slot_queue {
public:
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Slots that there is memory for.
  [[nodiscard]] std::size_t capacity() const noexcept { return slots_.size(); }
  [[nodiscard]] slot& front() noexcept { return slots_[first_ & mask()]; }
  [[nodiscard]] slot& back() noexcept { return slots_[(first_ + size_ - 1) & mask()]; }

  slot& push(slot added) {
    if (size_ == slots_.size())
      grow();
    ++size_;
    return back() = std::move(added);
  }

  void pop() noexcept {
    front().response = response{nullptr};
    ++first_;
    --size_;
  }

  void clear() noexcept {
    while (!empty())
      pop();
  }

  /// The slot at `position` from the front; null when there is none.
  [[nodiscard]] slot* at(std::uint64_t position) noexcept {
    return position < size_ ? &slots_[(first_ + position) & mask()] : nullptr;
  }

  /// The oldest slot without a response; null when all have theirs.
  [[nodiscard]] slot* first_waiting() noexcept {
    for (std::size_t i = 0; i < size_; ++i)
      if (slot* each = at(i); !each->is_ready)
        return each;
    return nullptr;
  }

private:
  // A ring, as large as a power of two.
  [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }

  void grow() {
    std::vector<slot> larger(slots_.empty() ? 4 : slots_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i)
      larger[i] = std::move(*at(i));
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::vector<slot> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

} // namespace sake::http
