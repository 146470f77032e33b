#include "introduction.hpp"

#include "../../http/wire/octet_reader.hpp"
#include "../../http/wire/octet_writer.hpp"
#include "../workers/pool_settings.hpp"

namespace sake::actors::nodes {

namespace {

constexpr std::uint8_t format = 1;
constexpr std::size_t max_name = 64;
constexpr std::size_t max_address = 300;

bool is_printable(std::string_view text) noexcept {
  for (const char octet : text)
    if (octet <= ' ' || octet > '~')
      return false;
  return true;
}

} // namespace

std::string encode(const introduction& what) {
  std::string out;
  http::wire::octet_writer to{out};
  to.u8(format);
  to.u16(what.min_version);
  to.u16(what.max_version);
  to.u64(what.id);
  to.text(what.name);
  to.text(what.address);
  to.u8(static_cast<std::uint8_t>(what.role));
  to.u8(what.is_draining ? 1 : 0);
  to.u32(what.width);
  to.u32(what.credit);
  to.u16(what.reactors);
  to.count(what.routes.size());
  for (const auto each : what.routes)
    to.u64(each);
  return out;
}

std::optional<introduction> decode_introduction(std::string_view octets) {
  http::wire::octet_reader from{octets};
  introduction read;
  const auto found = from.u8();
  read.min_version = from.u16();
  read.max_version = from.u16();
  read.id = from.u64();
  read.name = from.text();
  read.address = from.text();
  const auto role = from.u8();
  const auto draining = from.u8();
  read.is_draining = draining != 0;
  read.width = from.u32();
  read.credit = from.u32();
  read.reactors = from.u16();
  for (auto count = from.u32(); count != 0 && !from.has_failed(); --count)
    read.routes.push_back(from.u64());
  const bool is_good =
      !from.has_failed() && found == format && read.min_version <= read.max_version && draining <= 1
      && role <= static_cast<std::uint8_t>(node_role::worker) && !read.name.empty()
      && read.name.size() <= max_name && read.address.size() <= max_address
      && is_printable(read.name) && is_printable(read.address) && read.width <= max_width
      && read.credit <= max_width && read.reactors != 0 && read.reactors <= max_threads;
  if (!is_good)
    return std::nullopt;
  read.role = static_cast<node_role>(role);
  return read;
}

} // namespace sake::actors::nodes
