// Numbers and texts as octets, for wire forms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sake::http::wire {

/// Appends numbers and texts to a string. Numbers are unsigned, with the most significant octet
/// first. A text is its length as four octets, then its octets. `octet_reader` reads both back.
class octet_writer {
public:
  /// @param out  must outlive the writer; its content stays
  explicit octet_writer(std::string& out) noexcept : out_(out) {}

  void u8(std::uint8_t value) { out_ += static_cast<char>(value); }
  void u16(std::uint16_t value) { number<2>(value); }
  void u32(std::uint32_t value) { number<4>(value); }
  void u64(std::uint64_t value) { number<8>(value); }

  /// Appends `octets` alone, without their length.
  void octets(std::string_view octets) { out_ += octets; }

  /// Appends a text. @throws std::length_error past 4 GiB
  void text(std::string_view octets);

  /// Appends a number of elements. @throws std::length_error past 2^32 - 1
  void count(std::size_t elements);

  /// Begins a text whose octets are then appended to the string, by this writer or another.
  /// @returns its place, for `end_text`
  std::size_t begin_text();
  /// Ends the text that began at `place`: sets its length. @throws std::length_error past 4 GiB
  void end_text(std::size_t place);

private:
  template <std::size_t Octets>
  void number(std::uint64_t value) {
    char octets[Octets];
    for (std::size_t i = 0; i < Octets; ++i)
      octets[i] = static_cast<char>(value >> 8 * (Octets - 1 - i));
    out_.append(octets, Octets);
  }

  std::string& out_;
};

} // namespace sake::http::wire
