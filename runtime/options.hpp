// The one table of options: what files and the command line may set, and how.
#pragma once

#include <sake/runtime/config.hpp>
#include <sake/runtime/option.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake {

/// All options of a configuration with these pools; those of one table stand together, and those in
/// none come first.
std::vector<option> options_of(const config& with_its_pools);

/// The option of that name, whatever pool it may be of.
std::optional<option> find_option(std::string_view name);

/// Whether `name` is a table that options stand in: "limits", "pools", "pools.images".
bool is_table(std::string_view name);

/// What is wrong with one option.
struct option_problem {
  /// The option that it is about, or the table of a pool.
  std::string name;
  /// One sentence that begins with the name.
  std::string text;
};

/// Everything that is out of its range, or does not go together.
std::vector<option_problem> problems_of(const config& options);

} // namespace sake
