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

  /// Content of a response in pieces that had to wait for the peer has gone out: there is room
  /// again. May be told more than once.
  virtual void on_room() noexcept {}

protected:
  ~answering() = default;
};

/// A request that waits for its response, or a response that waits for those before it.
struct slot {
  enum class stage : std::uint8_t {
    waiting,   ///< for a response
    whole,     ///< the response is there
    streaming, ///< the response is there, but for content that is still to come
    ended,     ///< the content that came in pieces is complete
    cut        ///< the content that came in pieces will never be complete
  };

  /// Where content comes in pieces, it is what has not been encoded yet.
  http::response response{nullptr};
  /// When a response must be there.
  time_point due = time_point::max();
  /// Who is to be told when the response is no longer waited for; null: nobody.
  answering* by = nullptr;
  stage at = stage::waiting;
  bool keep_alive = true;
  bool is_head = false;
  std::uint8_t minor_version = 1;

  // Of a response in pieces:
  /// Whether its head says how long the content is.
  bool has_length = false;
  /// Whether its content is a chunk each time. Known once the head is encoded.
  bool is_chunked = false;
  /// Whether its head is encoded.
  bool has_begun = false;
  /// Whether its writer was told to wait.
  bool is_full = false;
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
      if (slot* each = at(i); each->at == slot::stage::waiting)
        return each;
    return nullptr;
  }

  /// The slot without a response whose response is due first; null when all have theirs.
  [[nodiscard]] slot* earliest_waiting() noexcept {
    slot* earliest = nullptr;
    for (std::size_t i = 0; i < size_; ++i)
      if (slot* each = at(i); each->at == slot::stage::waiting
                              && (earliest == nullptr || each->due < earliest->due))
        earliest = each;
    return earliest;
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
