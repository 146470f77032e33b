// The route of a request, as handlers and middleware see it.
#pragma once

#include <string_view>

namespace sake {

namespace routing {

/// The route that serves a request. The views stay valid as long as the engine.
struct route_info {
  /// The name that `route::name` set, else "GET /users/:id". Without a route, the kind of the
  /// response: "not found" (404), "method not allowed" (405), "not implemented" (501), or
  /// "options".
  std::string_view name;
  /// The path pattern with the prefixes of its groups: "/users/:id". Empty without a route.
  std::string_view pattern;
};

} // namespace routing

using routing::route_info;

} // namespace sake
