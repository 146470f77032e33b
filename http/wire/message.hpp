// Requests and responses as octets that another process reads.
#pragma once

#include "../request.hpp"
#include "../response.hpp"
#include "error.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sake::http::wire {

/// The version that `encode` writes, and the only one that the decoders read.
inline constexpr std::uint8_t version = 1;

/// Where the content of a message is.
enum class content_part : std::uint8_t { whole, follows };

/// Appends `message` to `out`: method, target, minor version, peer, fields, path parameters and
/// content. Values that middleware has set are not among them. Version 1 is, with numbers and texts
/// as `octet_writer` has them:
///
///     u8 version = 1
///     text method, text target, u8 minor version
///     u8 family: 0 none, 1 IPv4, 2 IPv6, 3 local
///       IPv4: 4 octets of address, u16 port; IPv6: 16 octets of address, u16 port
///     u32 number of fields; for each: text name, text value
///     u32 number of path parameters; for each: text name, text value, decoded
///     text content
///
/// Content that is still arriving is no part of it.
///
/// @throws std::length_error if a part is longer than 4 GiB; `out` then ends in part of `message`
void encode(std::string& out, const request& message);

/// Appends `message` to `out`: status, fields and content. Version 1 is
///
///     u8 version = 1
///     u16 status
///     u32 number of fields; for each: text name, text value
///     text content
///
/// @throws std::length_error as for a request
/// @throws std::logic_error if the content is a part of a file
void encode(std::string& out, const response& message);

/// Reads a request that `encode` wrote. Does not trust the octets: refuses a request that HTTP/1.1
/// refuses, except that Host may be missing, as in `request::make`; of `http::limits` none applies.
/// Persistence, expectation and framing follow from the fields. Memory is bounded by a small
/// multiple of `octets`.
///
/// @param octets  exactly one message; borrowed for the call
/// @param content  `follows`: the content is not part of the message, and Content-Length may
/// announce
///                 it
/// @returns the request, or why it is refused: an error of `wire::errors`, or the reason of one of
///          `http::refusals`
[[nodiscard]] boost::system::result<request, error> decode_request(
    std::string_view octets, content_part content = content_part::whole);

/// Reads a response that `encode` wrote, and refuses what `response::add_header` does. See
/// `decode_request`.
[[nodiscard]] boost::system::result<response, error> decode_response(std::string_view octets);

} // namespace sake::http::wire
