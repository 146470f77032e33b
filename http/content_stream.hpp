// Request content that is still arriving.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace sake::http {

/// Request content that is still arriving: the connection writes, one consumer reads. Holds at most
/// `capacity` unread octets; while it is full, the connection does not read from its socket.
/// Belongs to the reactor of its connection; must not be called from another thread.
class content_stream {
public:
  enum class state { open, complete, failed };

  explicit content_stream(std::size_t capacity) noexcept : capacity_(capacity) {}

  // -- the consumer's side ------------------------------------------------------

  /// Takes the octets that have arrived, at most `most`; the connection reads on.
  std::string take(std::size_t most = std::string::npos);

  /// `complete` once the last octet was taken, `failed` when the content will never be complete
  /// (the client left, broke the framing, or passed a limit or deadline).
  [[nodiscard]] state status() const noexcept;

  /// Calls `ready` each time octets arrive and when the status changes. `ready` may call `take`.
  void on_readable(std::function<void()> ready);

  // -- the connection's side ----------------------------------------------------

  /// Octets that may be pushed before the stream is full.
  [[nodiscard]] std::size_t room() const noexcept;

  /// Appends octets and notifies the consumer. Never refuses: the connection must check `room`
  /// first.
  void push(std::string_view octets);

  /// Marks the end of the content, or its failure, and notifies the consumer.
  void finish(state end);

  /// Calls `resume` at the first take, and when a take makes room in a full stream.
  void on_room(std::function<void()> resume);

  /// Whether the consumer has begun to take.
  [[nodiscard]] bool is_wanted() const noexcept { return is_wanted_; }

private:
  std::size_t capacity_;
  std::string octets_;
  state state_ = state::open;
  bool is_wanted_ = false;
  std::function<void()> ready_;
  std::function<void()> resume_;
};

} // namespace sake::http
