// Collects the content of a request, for layers that take it whole.
#pragma once

#include "../../http/content_stream.hpp"
#include "../../http/request.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace sake::actors {

/// Collects content that is still arriving, for layers that take it whole. No octet is taken, and
/// no 100 Continue is sent, before a layer waits for it. On the reactor.
class content_collector {
public:
  explicit content_collector(std::shared_ptr<http::content_stream> stream) noexcept
      : stream_(std::move(stream)) {}
  content_collector(const content_collector&) = delete;
  content_collector& operator=(const content_collector&) = delete;
  ~content_collector() { call_off(); }

  /// A layer waits for the content: from now on calls `came` when `check` should be called.
  void listen(std::function<void()> came);

  enum class progress : std::uint8_t {
    none,     ///< the content is still arriving, or was complete before
    failed,   ///< the content will never be complete
    complete, ///< the last octet has come
  };
  /// Checks whether the content is complete.
  progress check();

  /// Whether the request is still without its content.
  [[nodiscard]] bool is_open() const noexcept { return stream_ != nullptr; }
  /// Whether a layer waits for the content, and all of it has come.
  [[nodiscard]] bool is_whole() const noexcept { return is_open() && is_awaited_ && is_complete_; }
  /// Moves the whole content into `to`, once. If `to` is shared, this object keeps it as it was, so
  /// that views of it stay valid.
  void complete(http::request& to);
  /// No layer waits for the content any more.
  void call_off() noexcept;

private:
  /// Null once the content has been taken, or is not wanted any more.
  std::shared_ptr<http::content_stream> stream_;
  http::request seen_before_{nullptr};
  bool is_awaited_ = false;
  bool is_complete_ = false;
};

} // namespace sake::actors
