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
/// each other: the handshake of the other side first, then direct messages, monitors and their
/// ends, and heartbeats. The side that dials repeats its handshake once, with a flag, and
/// unchanged. No node routes messages of others. Header only, so that a read costs no call.
class basp_guard {
public:
  static constexpr std::size_t header_size = 32;
  static constexpr std::uint32_t max_server_handshake = 4096;
  static constexpr std::uint32_t max_client_handshake = 64;
  static constexpr std::uint32_t max_message = 1024 * 1024;
  static constexpr std::uint32_t max_notice = 64 * 1024;

  /// @param own  the side that reads
  explicit basp_guard(link_side own) noexcept
      : handshake_(own == link_side::dialled ? server_handshake : client_handshake) {}

  /// Looks at the next octets, in pieces of any size. O(headers in `octets`).
  /// @returns false when the link must end, of which `reason` tells; it must not be called again
  [[nodiscard]] bool accept(std::string_view octets) noexcept {
    while (!octets.empty() && reason_.empty())
      octets.remove_prefix(content_left_ > 0 ? take_content(octets) : take_header(octets));
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
  /// The flags, in the fourth octet, of a handshake that is repeated.
  static constexpr std::uint8_t select_connection = 2;

  std::size_t take_content(std::string_view octets) noexcept {
    const auto taken = octets.substr(0, content_left_);
    if (operation() == client_handshake)
      compare_greeting(taken);
    content_left_ -= static_cast<std::uint32_t>(taken.size());
    return taken.size();
  }

  // BASP takes one handshake per connection for granted: a second one may not name another node.
  void compare_greeting(std::string_view content) noexcept {
    auto* const known = greeting_.data() + (content_size() - content_left_);
    if (greetings_ == 1)
      std::copy(content.begin(), content.end(), known);
    else if (!std::equal(content.begin(), content.end(), known))
      reason_ = "a second BASP handshake that differs from the first";
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
    reason_ = operation() == handshake_ ? handshake_problem()
              : greetings_ == 0         ? "no BASP handshake first"
                                        : message_problem();
  }

  [[nodiscard]] std::string_view handshake_problem() noexcept {
    ++greetings_;
    if (handshake_ == server_handshake)
      return greetings_ > 1 ? "a second BASP handshake" : in_range(1, max_server_handshake);
    const auto size = content_size();
    if (greetings_ == 1) {
      greeting_size_ = size;
      return flags() != 0 ? "a BASP handshake with flags" : in_range(1, max_client_handshake);
    }
    const bool is_repeated =
        greetings_ == 2 && flags() == select_connection && size == greeting_size_;
    return is_repeated ? "" : "a second BASP handshake";
  }

  [[nodiscard]] std::string_view message_problem() const noexcept {
    switch (operation()) {
      case server_handshake:
      case client_handshake:
        return "the BASP handshake of the other side";
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
    const auto size = content_size();
    return size < least || size > most ? "a BASP message of a forbidden length" : "";
  }

  // -- of the last header ---------------------------------------------------------

  [[nodiscard]] std::uint8_t octet(std::size_t i) const noexcept {
    return static_cast<std::uint8_t>(header_[i]);
  }
  [[nodiscard]] std::uint8_t operation() const noexcept { return octet(0); }
  [[nodiscard]] std::uint8_t flags() const noexcept { return octet(3); }
  [[nodiscard]] std::uint32_t content_size() const noexcept {
    return std::uint32_t{octet(4)} << 24 | std::uint32_t{octet(5)} << 16
           | std::uint32_t{octet(6)} << 8 | octet(7);
  }

  /// The operation of the other side's handshake.
  std::uint8_t handshake_;
  std::uint32_t greetings_ = 0;
  std::uint32_t content_left_ = 0;
  std::size_t header_octets_ = 0;
  std::array<char, header_size> header_{};
  std::uint32_t greeting_size_ = 0;
  std::array<char, max_client_handshake> greeting_{};
  std::string_view reason_;
};

} // namespace sake::actors::nodes
