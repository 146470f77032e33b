// The work of a function route, as a process elsewhere can do it.
#pragma once

#include "../http/request.hpp"
#include "../http/wire/error.hpp"
#include "wire_codec.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::routing {

class route_map;

/// The most values that travel with one call.
inline constexpr std::size_t max_travelling_values = 256;

/// The work of a function route, for another process with the same route, which runs the handler.
/// Middleware runs in this process: before the handler, and once the response is back.
///
/// `chain_runner::to_remote_call` makes a call, `chain_runner::begin_remote` begins with one. The
/// response travels in the form of `http::wire`.
struct remote_call {
  /// The route, as an index into `route_map::endpoints`.
  std::size_t endpoint = 0;
  /// The request, with its whole content unless that follows.
  http::request request{nullptr};
  /// The handler takes its content as it arrives: it follows the call, in pieces.
  bool content_follows = false;
  /// The time left until the response is due; empty: no limit.
  std::optional<std::chrono::milliseconds> time_left;
  /// The values that middleware marked by `context::set_travelling`.
  std::vector<wire_value> values;
};

/// Appends `call` to `out`. Version 1 is, with numbers and texts as `http::wire::octet_writer` has
/// them:
///
///     u8 version = 1
///     u64 id of the route, as `route_map::id_of` has it
///     u32 milliseconds left, at least 1 and at most 49 days; 0: no limit
///     u8 1 if the content follows the call, else 0
///     u32 number of values; for each: text key, text type, text octets
///     text request, as http::wire has it
///
/// After an exception `out` may end in part of the call.
/// @throws std::logic_error if `endpoint` is no route of `routes` whose handler may run elsewhere
/// @throws std::length_error for more than `max_travelling_values`; for a part longer than 4 GiB
void encode(std::string& out, const remote_call& call, const route_map& routes);

/// Errors that only remote calls have.
namespace remote_call_errors {

inline constexpr http::wire::error no_remote_route{
    "the call is for no route whose handler may run elsewhere"};
inline constexpr http::wire::error too_many_values{"too many values travel with the call"};
inline constexpr http::wire::error bad_content{
    "the content follows a call whose handler takes it whole"};

} // namespace remote_call_errors

/// Reads a call that `encode` wrote in a process that has the route as well. Does not trust
/// the octets, as `http::wire::decode_request`. Values stay in wire form until a handler asks for
/// them.
[[nodiscard]] boost::system::result<remote_call, http::wire::error> decode_remote_call(
    std::string_view octets, const route_map& routes);

} // namespace sake::routing
