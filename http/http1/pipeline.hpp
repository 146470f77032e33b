// The requests of one connection that wait for their response, in order.
#pragma once

#include "../limits.hpp"
#include "../response.hpp"
#include "../response_port.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace sake::http {

/// A request that waits for its response, or a response that waits for earlier ones.
struct pipelined_response {
  enum class state : std::uint8_t {
    waiting,   ///< for a response
    whole,     ///< the response is there
    streaming, ///< the response is there, but for content that is still to come
    ended,     ///< the content that came in pieces is complete
    cut        ///< the content that came in pieces will never be complete
  };

  /// How the client finds the end of content in pieces. Known once the head is encoded, but for a
  /// length or a tunnel, which are known from the beginning.
  enum class content_end : std::uint8_t {
    unknown,
    length,     ///< by Content-Length
    last_chunk, ///< by the last chunk
    close,      ///< by the end of the connection
    tunnel      ///< as `close`; the content is no content of HTTP
  };

  /// If content comes in pieces: holds the content not encoded yet.
  http::response response{nullptr};
  /// When a response must be there.
  time_point due = time_point::max();
  /// Called when the response is no longer wanted; may be null.
  response_observer* by = nullptr;
  state at = state::waiting;
  bool keep_alive = true;
  bool is_head = false;
  std::uint8_t minor_version = 1;

  // Of a response in pieces:
  content_end ends = content_end::unknown;
  /// Whether its head is encoded.
  bool has_begun = false;
  /// Whether its writer was told to wait.
  bool is_full = false;
};

/// The requests of one connection that wait for their response, in order. Each has an id, counted
/// up from 1.
class pipeline {
public:
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Slots with memory allocated.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] pipelined_response& front() noexcept { return responses_[first_ & mask()]; }
  [[nodiscard]] pipelined_response& back() noexcept {
    return responses_[(first_ + size_ - 1) & mask()];
  }

  /// Adds a request that waits.
  pipelined_response& push() {
    if (size_ == capacity_)
      grow();
    ++size_;
    return *std::construct_at(&back()); // a free slot holds no response
  }

  void pop() noexcept {
    front().response = response{nullptr};
    ++first_;
    --size_;
  }

  void pop_back() noexcept {
    back().response = response{nullptr};
    --size_;
  }

  void clear() noexcept {
    while (!empty())
      pop();
  }

  /// The response at `position` from the front; null when there is none.
  [[nodiscard]] pipelined_response* at(std::uint64_t position) noexcept {
    return position < size_ ? &responses_[(first_ + position) & mask()] : nullptr;
  }

  /// The oldest without a response; null if all have one.
  [[nodiscard]] pipelined_response* first_waiting() noexcept {
    for (std::size_t i = 0; i < size_; ++i)
      if (pipelined_response* each = at(i); each->at == pipelined_response::state::waiting)
        return each;
    return nullptr;
  }

  /// The first due of those without a response; null if all have one.
  [[nodiscard]] pipelined_response* earliest_waiting() noexcept {
    pipelined_response* earliest = nullptr;
    for (std::size_t i = 0; i < size_; ++i)
      if (pipelined_response* each = at(i); each->at == pipelined_response::state::waiting
                                            && (earliest == nullptr || each->due < earliest->due))
        earliest = each;
    return earliest;
  }

private:
  // A ring, with a power of two as its size.
  [[nodiscard]] std::size_t mask() const noexcept { return capacity_ - 1; }

  void grow() {
    std::vector<pipelined_response> larger(capacity_ == 0 ? 4 : capacity_ * 2);
    for (std::size_t i = 0; i < size_; ++i)
      larger[i] = std::move(*at(i));
    responses_ = std::move(larger);
    capacity_ = responses_.size();
    first_ = 0;
  }

  std::vector<pipelined_response> responses_;
  /// The size of the vector, which each request needs several times.
  std::size_t capacity_ = 0;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

} // namespace sake::http
