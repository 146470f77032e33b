// What the registry of routes shares with its routes.
#pragma once

#include <map>
#include <string>

namespace sake::routing::detail {

/// What the registry of routes shares with its routes.
struct registration {
  /// Whether routes, middleware and options are still accepted: until the engine starts.
  bool is_open = true;
  /// The names that routes were given, each with the title of its route.
  std::map<std::string, std::string> names;
};

} // namespace sake::routing::detail
