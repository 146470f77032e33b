// The request target and the authority (RFC 9112 §3.2).
#pragma once

#include "../refusal.hpp"
#include "request_data.hpp"

#include <string_view>

namespace sake::http::detail {

/// Whether `text` is `uri-host [ ":" port ]` (RFC 9110 §7.2) with a host that is not empty: a
/// name, an IPv4 address, or an IP literal in brackets.
bool is_authority(std::string_view text) noexcept;

/// Checks `data.target` for `data.method` and splits it into path and query. In origin-form and
/// absolute-form the path starts with '/'; '*' is its own path; authority-form has none.
///
/// @param authority  is set to the authority of an absolute-form target, which stands in for Host
/// @returns why the target is refused, or null
const refusal* read_target(request_data& data, span& authority) noexcept;

} // namespace sake::http::detail
