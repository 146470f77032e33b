// Collects routes and makes the table of them.
#pragma once

#include "path_pattern.hpp"
#include "route_table.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::routing {

/// Collects routes and makes the table of them.
class route_table_builder {
public:
  /// Adds a route.
  ///
  /// @param method_token  any method token; "*" for every method
  /// @param pattern  see `path_pattern`
  /// @param route  the result for `route_table::find`
  /// @returns nothing; or, if the route was refused, one sentence that says why: not a token, not a
  ///          path pattern, or a conflict with a route of the same method and the same shape
  [[nodiscard]] std::optional<std::string> add(std::string_view method_token,
                                               std::string_view pattern, route_index route);

  [[nodiscard]] route_table build() const;

private:
  struct entry {
    std::string method_token;
    path_pattern pattern;
    route_index route;
  };
  using entries = std::vector<entry>;

  static std::uint32_t append(route_table& table, const entry& added);
  static route_table::choice choose(route_table& table, const entries& same_shape);

  std::map<std::string, entries> shapes_;
};

} // namespace sake::routing
