// What log lines say of a request.
#pragma once

#include <sake/http/request.hpp>
#include <sake/routing/log.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sake::routing {

/// Adds to the facts of a log line what is known of a request: method, route, peer and id, which is
/// the field X-Request-Id where the client sent a sound one.
///
/// @param route   left out where it is empty
/// @param own_id  for a request that came without an id; left out where it is empty
void add_request_facts(std::vector<log_field>& to, const http::request& request,
                       std::string_view route, std::string own_id);

} // namespace sake::routing
