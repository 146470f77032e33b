// What two nodes tell each other before BASP begins.
#pragma once

#include "../network.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sake::actors::nodes {

/// What a node answers to the introduction of another, or introduces itself with.
enum class introduction_kind : std::uint8_t { introduction = 1, refusal = 2 };

/// Returns the octets of an introduction: "SAKENODE", the kind in one octet, the size in four, the
/// most significant first, and `content`.
/// @throws std::length_error  when `content` is longer than `max_introduction`
[[nodiscard]] std::string encode_introduction(introduction_kind kind, std::string_view content);

/// Reads one introduction, and not an octet behind it.
class introduction_reader {
public:
  /// The most octets that may be read next; 0 once the introduction is complete.
  [[nodiscard]] std::size_t wanted() const noexcept;
  /// Takes at most `wanted` octets.
  /// @returns false when they do not begin or continue an introduction
  [[nodiscard]] bool take(std::string_view octets);

  [[nodiscard]] introduction_kind kind() const noexcept { return kind_; }
  [[nodiscard]] const std::string& content() const noexcept { return content_; }

private:
  static constexpr std::size_t header_size = 13;

  [[nodiscard]] bool read_header();

  std::array<char, header_size> header_{};
  std::size_t header_octets_ = 0;
  introduction_kind kind_ = introduction_kind::introduction;
  std::size_t size_ = 0;
  std::string content_;
};

} // namespace sake::actors::nodes
