// Collects the content of a request, for layers that take it whole.
#pragma once

#include "../../http/content_stream.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
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
  ~content_collector() { stream_->on_readable({}); }

  /// A layer waits for the content: from now on calls `came` when `look` should be called.
  void listen(std::function<void()> came);

  enum class progress : std::uint8_t {
    none,     ///< the content is still arriving, or was complete before
    failed,   ///< the content will never be complete
    complete, ///< the last octet has come
  };
  /// Looks whether the content is complete.
  progress look();

  /// Whether a layer waits for the content, and all of it has come.
  [[nodiscard]] bool is_whole() const noexcept { return is_awaited_ && is_complete_; }
  /// The whole content. Once.
  [[nodiscard]] std::string release() { return stream_->take(); }

private:
  std::shared_ptr<http::content_stream> stream_;
  bool is_awaited_ = false;
  bool is_complete_ = false;
};

} // namespace sake::actors
