#include "introduction_frame.hpp"

#include <algorithm>
#include <stdexcept>

namespace sake::actors::nodes {

namespace {

constexpr std::string_view magic = "SAKENODE";

} // namespace

std::string encode_introduction(introduction_kind kind, std::string_view content) {
  if (content.size() > max_introduction)
    throw std::length_error("the introduction of a node is too long");
  std::string octets{magic};
  octets += static_cast<char>(kind);
  for (int shift = 24; shift >= 0; shift -= 8)
    octets += static_cast<char>(content.size() >> shift & 0xff);
  return octets.append(content);
}

std::size_t introduction_reader::wanted() const noexcept {
  return header_octets_ < header_size ? header_size - header_octets_ : size_ - content_.size();
}

bool introduction_reader::take(std::string_view octets) {
  if (header_octets_ == header_size) {
    content_.append(octets);
    return true;
  }
  std::copy(octets.begin(), octets.end(),
            header_.begin() + static_cast<std::ptrdiff_t>(header_octets_));
  header_octets_ += octets.size();
  const std::string_view so_far{header_.data(), std::min(header_octets_, magic.size())};
  return magic.starts_with(so_far) && (header_octets_ < header_size || read_header());
}

bool introduction_reader::read_header() {
  const auto octet = [this](std::size_t i) { return static_cast<std::uint8_t>(header_[i]); };
  kind_ = introduction_kind{octet(magic.size())};
  for (std::size_t i = magic.size() + 1; i < header_size; ++i)
    size_ = size_ << 8 | octet(i);
  const bool is_known =
      kind_ == introduction_kind::introduction || kind_ == introduction_kind::refusal;
  return is_known && size_ <= max_introduction;
}

} // namespace sake::actors::nodes
