// Removes the chunked transfer coding (RFC 9112 §7.1).
#pragma once

#include "../limits.hpp"
#include "../refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sake::http {

/// Removes the chunked transfer coding from the content of one request. Chunk extensions and
/// trailer fields are checked and dropped. Holds heap memory only between `start` and the end.
class chunked_decoder {
public:
  enum class event { need_more, content, end, refused };

  struct step {
    event what = event::need_more;
    std::size_t consumed = 0;
    /// With `content`: part of the content, not empty; points into the input.
    std::string_view content{};
    /// With `refused`.
    const refusal* why = nullptr;
  };

  chunked_decoder() noexcept;
  chunked_decoder(chunked_decoder&&) noexcept;
  chunked_decoder& operator=(chunked_decoder&&) noexcept;
  ~chunked_decoder();

  /// Begins the content of another request.
  void start();

  /// Returns the next event for `input`: all octets not yet consumed. After `need_more`, keep the
  /// unconsumed octets and call again with more appended. `end` and `refused` are the last events
  /// until the next `start`.
  ///
  /// @param content_limit  the most octets of content to take, in place of `limits::content_bytes`
  step next(std::string_view input, const limits& max, std::uint64_t content_limit);

private:
  class state;
  std::unique_ptr<state> state_;
};

} // namespace sake::http
