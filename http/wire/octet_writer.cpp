#include "octet_writer.hpp"

#include <limits>
#include <stdexcept>

namespace sake::http::wire {

namespace {

std::uint32_t checked(std::size_t size) {
  if (size > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("a length in a wire form has four octets");
  return static_cast<std::uint32_t>(size);
}

} // namespace

void octet_writer::text(std::string_view octets) {
  count(octets.size());
  out_ += octets;
}

void octet_writer::count(std::size_t elements) {
  u32(checked(elements));
}

std::size_t octet_writer::begin_text() {
  const std::size_t place = out_.size();
  u32(0);
  return place;
}

void octet_writer::end_text(std::size_t place) {
  std::string length;
  octet_writer{length}.count(out_.size() - place - 4);
  out_.replace(place, length.size(), length);
}

} // namespace sake::http::wire
