#include "remote_call.hpp"

#include "../http/wire/message.hpp"
#include "../http/wire/octet_reader.hpp"
#include "../http/wire/octet_writer.hpp"
#include "route_map.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace sake::routing {

namespace {

namespace wire = http::wire;

constexpr std::uint8_t remote_call_version = 1;
constexpr std::uint32_t no_limit = 0;

std::uint32_t to_octets(std::optional<std::chrono::milliseconds> time_left) noexcept {
  if (!time_left)
    return no_limit;
  constexpr std::int64_t longest = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(time_left->count(), 1, longest));
}

std::optional<std::chrono::milliseconds> to_time_left(std::uint32_t octets) noexcept {
  if (octets == no_limit)
    return std::nullopt;
  return std::chrono::milliseconds{octets};
}

std::vector<wire_value> read_values(wire::octet_reader& from, std::size_t count) {
  std::vector<wire_value> values;
  for (; count != 0 && !from.has_failed(); --count) {
    const auto key = from.text();
    const auto type = from.text();
    const auto octets = from.text();
    if (!from.has_failed())
      values.push_back({std::string{key}, std::string{type}, std::string{octets}});
  }
  return values;
}

} // namespace

void encode(std::string& out, const remote_call& call, const route_map& routes) {
  if (!routes.may_run_elsewhere(call.endpoint))
    throw std::logic_error("the endpoint is no route whose handler may run elsewhere");
  if (call.values.size() > max_travelling_values)
    throw std::length_error("too many values travel with one request");
  wire::octet_writer to{out};
  to.u8(remote_call_version);
  to.u64(routes.id_of(call.endpoint));
  to.u32(to_octets(call.time_left));
  to.u8(call.content_follows ? 1 : 0);
  to.count(call.values.size());
  for (const wire_value& each : call.values) {
    to.text(each.key);
    to.text(each.type);
    to.text(each.octets);
  }
  const auto place = to.begin_text();
  wire::encode(out, call.request);
  to.end_text(place);
}

boost::system::result<remote_call, wire::error> decode_remote_call(std::string_view octets,
                                                                   const route_map& routes) {
  wire::octet_reader from{octets};
  const auto version = from.u8();
  if (!from.has_failed() && version != remote_call_version)
    return wire::errors::unknown_version;
  const auto endpoint = routes.find_id(from.u64());
  const auto time_left = to_time_left(from.u32());
  const auto follows = from.u8();
  if (from.has_failed())
    return wire::errors::ends_early;
  if (!endpoint || !routes.may_run_elsewhere(*endpoint))
    return remote_call_errors::no_remote_route;
  if (follows > 1 || (follows == 1 && !routes.endpoints()[*endpoint].streams_content))
    return remote_call_errors::bad_content;
  const std::size_t count = from.u32();
  if (count > max_travelling_values)
    return remote_call_errors::too_many_values;
  auto values = read_values(from, count);
  const auto message = from.text();
  if (from.has_failed())
    return wire::errors::ends_early;
  if (!from.is_at_end())
    return wire::errors::left_over;
  auto request = wire::decode_request(message, follows == 1 ? wire::content_part::follows
                                                            : wire::content_part::whole);
  if (!request)
    return request.error();
  return remote_call{*endpoint, std::move(*request), follows == 1, time_left, std::move(values)};
}

} // namespace sake::routing
