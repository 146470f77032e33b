// The page of the showcase: files that the build put into the program.
#pragma once

#include <sake/sake.hpp>

#include <string_view>
#include <vector>

namespace showcase {

/// One file, as the build read it.
struct asset {
  std::string_view name;
  /// What changes when the content does, quoted as ETag wants it (RFC 9110 §8.8.3).
  std::string_view tag;
  std::string_view content;
};

extern const std::vector<asset> assets;

/// Serves every asset under its name, index.html as "/" too, and tells the page at "/runtime" what
/// the engine was started with.
void add_page(sake::engine& app, const sake::config& started_with);

/// Middleware: fields for every response, whatever made it. Before all others.
void add_fields(sake::context& ctx);

} // namespace showcase
