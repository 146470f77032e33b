// Why octets in wire form are refused.
#pragma once

#include <string_view>

namespace sake::http::wire {

/// Why octets in wire form are refused: one line for the log. Where HTTP/1.1 refuses the same, the
/// sentence of `http::refusals`.
struct error {
  std::string_view reason;

  friend bool operator==(const error&, const error&) = default;
};

/// The errors that only wire forms have.
namespace errors {

inline constexpr error unknown_version{"the wire form has a version that is unknown here"};
inline constexpr error ends_early{"the octets end inside the message"};
inline constexpr error left_over{"octets follow the message"};
inline constexpr error too_long{"the message is longer than 4 GiB"};

// -- requests -----------------------------------------------------------------

inline constexpr error bad_minor_version{"the minor version of HTTP is neither 0 nor 1"};
inline constexpr error bad_peer{"the peer has an address of an unknown family"};
inline constexpr error host_differs{"Host is not the authority of the target (RFC 9112 §3.2.2)"};
inline constexpr error content_length_differs{
    "Content-Length is not the length of the content (RFC 9110 §8.6)"};

inline constexpr error content_follows{"the request has content that was to follow it"};

// -- responses ----------------------------------------------------------------

inline constexpr error bad_status{"the status is not that of a final response (RFC 9110 §15)"};
inline constexpr error framing_field{
    "a field of the response belongs to the framing, which the connection sets"};

} // namespace errors

} // namespace sake::http::wire
