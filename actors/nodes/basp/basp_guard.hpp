// Looks at the headers of BASP, CAF's protocol between nodes, before CAF does.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::actors::nodes {

/// The side of a link that has dialled it, and the side that has accepted it.
enum class link_side : std::uint8_t { dialled, accepted };

/// Looks at the octets of a link before CAF reads them. CAF takes the lengths in BASP's headers for
/// granted: one forged header ends the process or takes gigabytes. Accepts only what nodes send
/// each other: one handshake first, then direct messages, monitors and their ends, and heartbeats.
/// Nobody routes messages of others. Header only, so that each read costs no call.
class basp_guard {
public:
  static constexpr std::size_t header_size = 32;
  static constexpr std::uint32_t max_handshake = 4096;
  static constexpr std::uint32_t max_message = 1024 * 1024;
  static constexpr std::uint32_t max_notice = 64 * 1024;

  /// @param own  the side that reads
  explicit basp_guard(link_side own) noexcept
      : handshake_(own == link_side::dialled ? server_handshake : client_handshake) {}

  /// Looks at the next octets, in pieces of any size. O(headers in `octets`).
  /// @returns false when the link must end, of which `reason` tells; it must not be called again
  [[nodiscard]] bool accept(std::string_view octets) noexcept {
    while (!octets.empty() && reason_.empty())
      octets.remove_prefix(content_left_ > 0 ? skip_content(octets) : take_header(octets));
    return reason_.empty();
  }

  /// Why the link must end; empty while it need not.
  [[nodiscard]] std::string_view reason() const noexcept { return reason_; }

private:
  /// The operations of BASP, in the first octet of a header.
  static constexpr std::uint8_t server_handshake = 0;
  static constexpr std::uint8_t client_handshake = 1;
  static constexpr std::uint8_t direct_message = 2;
  static constexpr std::uint8_t monitor_message = 4;
  static constexpr std::uint8_t down_message = 5;
  static constexpr std::uint8_t heartbeat = 6;

  std::size_t skip_content(std::string_view octets) noexcept {
    const auto skipped = std::min<std::size_t>(octets.size(), content_left_);
    content_left_ -= static_cast<std::uint32_t>(skipped);
    return skipped;
  }

  std::size_t take_header(std::string_view octets) noexcept {
    const auto taken = std::min(octets.size(), header_size - header_octets_);
    std::copy_n(octets.begin(), taken,
                header_.begin() + static_cast<std::ptrdiff_t>(header_octets_));
    header_octets_ += taken;
    if (header_octets_ == header_size)
      check_header();
    return taken;
  }

  void check_header() noexcept {
    header_octets_ = 0;
    content_left_ = content_size();
    reason_ = problem(static_cast<std::uint8_t>(header_[0]));
    has_greeted_ = true;
  }

  [[nodiscard]] std::uint32_t content_size() const noexcept {
    std::uint32_t size = 0;
    for (std::size_t i = 4; i < 8; ++i)
      size = size << 8 | static_cast<std::uint8_t>(header_[i]);
    return size;
  }

  [[nodiscard]] std::string_view problem(std::uint8_t operation) const noexcept {
    if (has_greeted_ == (operation == handshake_))
      return has_greeted_ ? "a second BASP handshake" : "no BASP handshake first";
    switch (operation) {
      case server_handshake:
      case client_handshake:
        return operation == handshake_ ? in_range(1, max_handshake)
                                       : "the BASP handshake of the other side";
      case direct_message:
        return in_range(1, max_message);
      case monitor_message:
      case down_message:
        return in_range(1, max_notice);
      case heartbeat:
        return in_range(0, 0);
      default:
        return "a BASP operation that nodes do not use";
    }
  }

  [[nodiscard]] std::string_view in_range(std::uint32_t least, std::uint32_t most) const noexcept {
    return content_left_ < least || content_left_ > most ? "a BASP message of a forbidden length"
                                                         : "";
  }

  std::uint8_t handshake_;
  bool has_greeted_ = false;
  std::uint32_t content_left_ = 0;
  std::size_t header_octets_ = 0;
  std::array<char, header_size> header_{};
  std::string_view reason_;
};

} // namespace sake::actors::nodes
