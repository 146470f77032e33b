// The facts of a request in log lines.
#pragma once

#include "../http/request.hpp"
#include "log.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sake::routing {

/// Adds the facts of a request to those of a log line: method, route, peer and id, which is the
/// field X-Request-Id if the client sent a valid one.
///
/// @param route  left out if empty
/// @param own_id  for a request that came without an id; left out if empty
void add_request_facts(std::vector<log_field>& to, const http::request& request,
                       std::string_view route, std::string own_id);

} // namespace sake::routing
