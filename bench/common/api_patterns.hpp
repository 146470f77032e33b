// The routes of an API of any size.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sake::bench {

/// Path patterns of an API of `resources` resources: for each a list, an item, a list below the
/// item, and files.
inline std::vector<std::string> api_patterns(std::size_t resources) {
  std::vector<std::string> patterns;
  for (std::size_t i = 0; i < resources; ++i) {
    const auto name = "/api/resource" + std::to_string(i);
    for (const auto* rest : {"", "/:id", "/:id/parts/:part", "/:id/files/*path"})
      patterns.push_back(name + rest);
  }
  return patterns;
}

} // namespace sake::bench
