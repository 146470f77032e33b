// Where a configuration came from, so that it can be read again.
#pragma once

#include <sake/runtime/config.hpp>
#include <sake/runtime/options.hpp>

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sake {

/// A place in a file, from 1 on; zero for what a command line says.
struct file_position {
  std::size_t line = 0;
  std::size_t column = 0;

  auto operator<=>(const file_position&) const = default;
};

/// One value for one option, as it was written.
struct setting {
  option target;
  std::string text;
  file_position at;
};

struct setting_error {
  file_position at;
  std::string text;
};

/// What a file or a command line sets, and what is wrong with the rest of it.
struct settings {
  /// "sake.toml", or "command line": what its errors begin with.
  std::string origin;
  std::vector<setting> all;
  std::vector<setting_error> errors;

  /// Sets them all.
  /// @returns one line for each thing that is wrong, in its order; then `to` is half of it
  [[nodiscard]] std::vector<std::string> apply(config& to) const;
};

/// Reads a TOML file; errors call it `origin`.
settings settings_of_file(const std::string& path, std::string origin);

/// What was read over the options that code had set.
struct config_source {
  struct layer {
    /// Absolute, so that it is found wherever the process has gone meanwhile; empty for the command
    /// line.
    std::string file;
    settings content;
  };

  config base;
  std::vector<layer> layers;
  /// `base` with all layers over it.
  config as_read;

  /// Sets what `added` says in `to`, which from then on knows that it came from there.
  /// @returns what is wrong; then nothing has changed
  [[nodiscard]] static std::vector<std::string> add(layer added, config& to);

  /// What a configuration was read from; null where nothing was.
  static const config_source* of(const config& options) noexcept { return options.source_.get(); }

  [[nodiscard]] bool has_file() const noexcept;

  struct reading {
    config now;
    std::vector<std::string> errors;
  };
  /// Reads the files again.
  [[nodiscard]] reading read_again() const;
};

/// Whether `options` has a pool of that name; every configuration has the one without.
bool is_declared(std::string_view pool, const config& options);

/// Options whose values differ, and all of a pool that only one of them has.
std::vector<option> differences(const config& one, const config& other);

} // namespace sake
