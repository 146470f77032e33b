// The table of options that files and the command line may set.
#pragma once

#include "config_values.hpp"
#include "option.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake {

/// All options of a configuration and its pools, grouped by table; options without a table come
/// first.
std::vector<option> options_of(const config_values& with_its_pools);

/// The option named `name`, of any pool.
std::optional<option> find_option(std::string_view name);

/// Whether `name` is a table of options: "limits", "pools", "pools.images".
bool is_table(std::string_view name);

} // namespace sake
