// Which fields that layers have set survive when another response replaces theirs.
#pragma once

#include "../http/response.hpp"

#include <string_view>

namespace sake::routing {

/// Whether lines of this field add up, so that those of middleware and of the handler both count:
/// Set-Cookie, Vary, Link, WWW-Authenticate, Proxy-Authenticate, Via, Server-Timing,
/// Content-Security-Policy, Access-Control-Expose-Headers.
[[nodiscard]] bool adds_up(std::string_view field_name) noexcept;

/// Whether a field set for one response also holds for an error that replaces it, because it
/// describes the server or who may read the response, and not the content: Vary, Access-Control-*,
/// Cross-Origin-*, Timing-Allow-Origin, Strict-Transport-Security, Content-Security-Policy,
/// X-Content-Type-Options, X-Frame-Options, Referrer-Policy, X-Request-Id, Traceparent,
/// Server-Timing, and Connection.
///
/// Set-Cookie is not among them: the state that it refers to may not have come about.
[[nodiscard]] bool is_safe_on_errors(std::string_view field_name) noexcept;

/// Returns `answer` with those fields of `before` appended that it lacks, or that add up. Does not
/// repeat a line that `answer` has.
[[nodiscard]] http::response merge_fields(const http::response& before, http::response answer);

/// A response 200 without content, with those fields of `failed` that are safe on errors.
[[nodiscard]] http::response keep_safe_fields(const http::response& failed);

} // namespace sake::routing
