// Why a request is refused: every client error that the protocol layer knows, as status and
// sentence.
#pragma once

#include <string_view>

namespace sake::http {

/// Why a request is refused: the status of the response, and one line for its content and the log.
/// The connection then closes, because the start of a next request is unknown.
struct refusal {
  int status = 400;
  std::string_view reason;
};

/// Every refusal there is. A decoder hands out references to these, so they may be compared by
/// address.
namespace refusals {

// -- lines --------------------------------------------------------------------

inline constexpr refusal bare_line_feed{400, "a line does not end in CRLF (RFC 9112 §2.2)"};
inline constexpr refusal bare_carriage_return{400, "a CR is not followed by LF (RFC 9112 §2.2)"};
inline constexpr refusal empty_lines{
    400, "too many empty lines before the request line (RFC 9112 §2.2)"};
inline constexpr refusal folded_field{400, "a field line starts with whitespace (RFC 9112 §5.2)"};

// -- request line -------------------------------------------------------------

inline constexpr refusal bad_start{400,
                                   "the request line does not start with a method (RFC 9112 §3.1)"};
inline constexpr refusal bad_method{400, "the method is not a token (RFC 9112 §3.1)"};
inline constexpr refusal method_too_long{501, "the method is longer than any method (RFC 9112 §3)"};
inline constexpr refusal bad_version{
    400, "the request line does not end in one HTTP version (RFC 9112 §2.3)"};
inline constexpr refusal unsupported_version{505, "the major version is not 1 (RFC 9110 §15.6.6)"};
inline constexpr refusal request_line_too_long{414, "the request line is too long (RFC 9112 §3)"};

// -- target -------------------------------------------------------------------

inline constexpr refusal bad_target{
    400, "the target has none of the four forms of a target (RFC 9112 §3.2)"};
inline constexpr refusal bad_target_octet{
    400, "the target holds an octet that no target may hold (RFC 9112 §3.2)"};
inline constexpr refusal bad_percent_encoding{
    400, "the path holds a '%' without two hexadecimal digits (RFC 3986 §2.1)"};
inline constexpr refusal encoded_nul{400, "the path holds an encoded NUL (RFC 3986 §7.3)"};
inline constexpr refusal userinfo{400, "the target holds userinfo (RFC 9110 §4.2.4)"};
inline constexpr refusal bad_authority{
    400, "the authority of the target is not a host and a port (RFC 9112 §3.2.2)"};
inline constexpr refusal asterisk_form{400,
                                       "the target '*' belongs to OPTIONS only (RFC 9112 §3.2.4)"};
inline constexpr refusal authority_form{
    400, "the target of CONNECT is not a host and a port (RFC 9112 §3.2.3)"};

// -- fields -------------------------------------------------------------------

inline constexpr refusal bad_field_name{
    400, "a field line does not start with a token and ':' (RFC 9112 §5.1)"};
inline constexpr refusal bad_field_value{400, "a field value is malformed (RFC 9110 §5.5)"};
inline constexpr refusal field_section_too_large{431,
                                                 "the field section is too large (RFC 6585 §5)"};
inline constexpr refusal too_many_fields{431, "there are too many field lines (RFC 6585 §5)"};
inline constexpr refusal missing_host{400, "Host is missing (RFC 9112 §3.2)"};
inline constexpr refusal repeated_host{400, "Host is repeated (RFC 9112 §3.2)"};
inline constexpr refusal bad_host{400, "Host is not a host and a port (RFC 9112 §3.2)"};
inline constexpr refusal unknown_expectation{417, "Expect is not 100-continue (RFC 9110 §10.1.1)"};

// -- framing ------------------------------------------------------------------

inline constexpr refusal bad_transfer_encoding{
    400, "Transfer-Encoding is not exactly chunked (RFC 9112 §6.3)"};
inline constexpr refusal transfer_encoding_in_1_0{400,
                                                  "Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1)"};
inline constexpr refusal two_framings{
    400, "Transfer-Encoding and Content-Length in one request (RFC 9112 §6.1)"};
inline constexpr refusal bad_content_length{
    400, "Content-Length is not one decimal number (RFC 9110 §8.6)"};
inline constexpr refusal repeated_content_length{400, "Content-Length is repeated (RFC 9110 §8.6)"};
inline constexpr refusal content_too_large{413, "the content is too large (RFC 9110 §15.5.14)"};

// -- chunked ------------------------------------------------------------------

inline constexpr refusal bad_chunk_line{
    400, "a chunk does not start with a size and chunk extensions (RFC 9112 §7.1)"};
inline constexpr refusal chunk_line_too_long{
    400, "the line that starts a chunk is too long (RFC 9112 §7.1.1)"};
inline constexpr refusal bad_chunk_end{400,
                                       "the data of a chunk does not end in CRLF (RFC 9112 §7.1)"};
inline constexpr refusal bad_trailer{400, "the trailer section is malformed (RFC 9112 §7.1.2)"};

// -- decided by the connection ------------------------------------------------

inline constexpr refusal late_head{408, "the request took too long (RFC 9110 §15.5.9)"};
inline constexpr refusal late_content{408, "the content took too long (RFC 9110 §15.5.9)"};
inline constexpr refusal too_many_connections{
    503, "the server has too many connections (RFC 9110 §15.6.4)"};

inline constexpr refusal not_begun{503, "the request could not be begun (RFC 9110 §15.6.4)"};

} // namespace refusals

} // namespace sake::http
