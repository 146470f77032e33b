// Request content that is still arriving.
#pragma once

#include "detail/growing_octets.hpp"

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace sake::http {

/// Request content that is still arriving: the connection writes, one consumer reads. Holds at most
/// `capacity` unread octets, unless the consumer wants all at once; while it is full, the
/// connection does not read from its socket. Belongs to the reactor of its connection; must not be
/// called from another thread.
class content_stream {
public:
  enum class state { open, complete, failed };

  explicit content_stream(std::size_t capacity) noexcept : capacity_(capacity) {}

  // -- the consumer's side ------------------------------------------------------

  /// Takes the octets that have arrived, at most `most`; the connection reads on.
  std::string take(std::size_t most = std::string::npos);

  /// The consumer takes the content at its end, all at once, however long it is.
  void want_whole();
  [[nodiscard]] bool is_wanted_whole() const noexcept {
    return capacity_ == std::numeric_limits<std::size_t>::max();
  }

  /// `complete` once the last octet was taken, or all can be taken at once; `failed` when the
  /// content will never be complete (the client left, broke the framing, or passed a limit or
  /// deadline).
  [[nodiscard]] state status() const noexcept;

  /// Calls `ready` each time octets arrive and when the status changes; if the content is wanted
  /// whole, only when it ends. `ready` may call `take`.
  void on_readable(std::function<void()> ready);

  // -- the connection's side ----------------------------------------------------

  /// Octets that may be pushed before the stream is full.
  [[nodiscard]] std::size_t room() const noexcept;

  /// Appends octets and notifies the consumer. Never refuses: the connection must check `room`
  /// first.
  void push(std::string_view octets);

  /// Announces the length of the content, `n` octets with the room behind it. Before the
  /// first octet.
  void expect(std::size_t n) noexcept { expected_ = n; }
  /// Returns memory for at most `wanted` further octets, to be written where they stay, if the
  /// content is wanted whole; `commit` adds octets that have come.
  [[nodiscard]] std::span<char> memory(std::size_t wanted);
  void commit(std::size_t n) noexcept { octets_.commit(n); }

  /// Marks the end of the content, or its failure, and notifies the consumer.
  void finish(state end);

  /// Calls `resume` when the content is first wanted, and when a full stream has room again.
  void on_room(std::function<void()> resume);

  /// Whether the consumer has begun to take, or wants the content whole.
  [[nodiscard]] bool is_wanted() const noexcept { return is_wanted_; }

private:
  /// Whether the connection waits for the consumer.
  [[nodiscard]] bool holds_up() const noexcept { return !is_wanted_ || room() == 0; }
  void resume();

  std::size_t capacity_;
  std::size_t expected_ = 0;
  detail::growing_octets octets_;
  state state_ = state::open;
  bool is_wanted_ = false;
  std::function<void()> ready_;
  std::function<void()> resume_;
};

} // namespace sake::http
