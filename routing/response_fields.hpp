// What becomes of the fields that layers have set when another response takes the place of theirs.
#pragma once

#include <sake/http/response.hpp>

#include <string_view>

namespace sake::routing {

/// Whether lines of this field add up, so that those of middleware and of the handler both hold:
/// Set-Cookie, Vary, Link, WWW-Authenticate, Proxy-Authenticate, Via, Server-Timing,
/// Content-Security-Policy, Access-Control-Expose-Headers.
[[nodiscard]] bool adds_up(std::string_view field_name) noexcept;

/// Whether a field that was set for one response holds for an error that takes its place as well,
/// because it tells of the server or of who may read the answer, and not of the content: Vary,
/// Access-Control-*, Cross-Origin-*, Timing-Allow-Origin, Strict-Transport-Security,
/// Content-Security-Policy, X-Content-Type-Options, X-Frame-Options, Referrer-Policy,
/// X-Request-Id, Traceparent, Server-Timing, and Connection.
///
/// Set-Cookie is not among them: what it stands for may not have come about.
[[nodiscard]] bool is_safe_on_errors(std::string_view field_name) noexcept;

/// `answer`, behind its fields those of `before` that it has not, or that add up. A line that it
/// has already is not repeated.
[[nodiscard]] http::response merge_fields(const http::response& before, http::response answer);

/// A response 200 without content, with those fields of `failed` that are safe on errors.
[[nodiscard]] http::response keep_safe_fields(const http::response& failed);

} // namespace sake::routing
