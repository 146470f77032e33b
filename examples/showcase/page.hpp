// The page of the showcase: files that the build embeds in the program.
#pragma once

#include <sake/sake.hpp>

#include <string_view>
#include <vector>

namespace showcase {

/// One embedded file.
struct asset {
  std::string_view name;
  /// Changes with the content, quoted as ETag requires (RFC 9110 §8.8.3).
  std::string_view tag;
  std::string_view content;
};

extern const std::vector<asset> assets;

/// Serves every asset under its name, index.html also as "/", and the engine's settings at
/// "/runtime".
void add_page(sake::engine& app, const sake::config& started_with);

/// Middleware that adds fields to every response. Register it first.
void add_fields(sake::context& ctx);

} // namespace showcase
