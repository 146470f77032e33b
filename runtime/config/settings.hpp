// The settings in a file or on a command line.
#pragma once

#include "config_values.hpp"
#include "option.hpp"

#include <compare>
#include <cstddef>
#include <string>
#include <vector>

namespace sake {

/// A position in a file, counted from 1; zero for the command line.
struct file_position {
  std::size_t line = 0;
  std::size_t column = 0;

  auto operator<=>(const file_position&) const = default;
};

/// A value for an option, as written.
struct setting {
  option target;
  std::string text;
  file_position at;
};

struct setting_error {
  file_position at;
  std::string text;
};

/// The settings of a file or a command line, and the errors found in it.
struct settings {
  /// "sake.toml", or "command line"; error lines begin with it.
  std::string origin;
  std::vector<setting> all;
  std::vector<setting_error> errors;

  /// Sets all values in `to`.
  /// @returns one line for each error, in order of position; on errors `to` is left half changed
  [[nodiscard]] std::vector<std::string> apply(config_values& to) const;
};

} // namespace sake
