// The sources of a configuration, so that its files can be read again.
#pragma once

#include "config_values.hpp"
#include "option.hpp"
#include "settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sake {

/// The files and command lines read on top of the options set in code.
struct config_source {
  struct layer {
    /// Absolute, so that it stays valid if the process changes its directory; empty for the command
    /// line.
    std::string file;
    settings content;
  };

  config_values base;
  std::vector<layer> layers;
  /// `base` with all layers applied.
  config_values as_read;

  /// Applies `added` to `to` and records it among the sources of `to`.
  /// @returns the errors; then nothing has changed
  [[nodiscard]] static std::vector<std::string> add(layer added, config_values& to);

  /// The same for the TOML file `path`.
  [[nodiscard]] static std::vector<std::string> add_file(const std::string& path,
                                                         config_values& to);

  /// Names the sources of `values`; see `config::origin`.
  [[nodiscard]] static std::string origin_of(const config_values& values);

  [[nodiscard]] bool has_file() const noexcept;

  struct reading {
    config_values now;
    std::vector<std::string> errors;
  };
  /// Reads the files again.
  [[nodiscard]] reading read_again() const;
};

/// Whether `values` has the pool named `pool`; always true for the unnamed pool.
bool is_declared(std::string_view pool, const config_values& values);

/// Options with different values, and all options of a pool that only one configuration has.
std::vector<option> differences(const config_values& one, const config_values& other);

} // namespace sake
