// The result of reading a command line.
#pragma once

#include <string>
#include <vector>

namespace sake {

/// The result of `config::read_command_line`.
///
///     sake::config options;
///     if (const auto line = options.read_command_line(argc, argv); !line)
///       return line.report();
///     sake::engine app{options};
struct [[nodiscard]] command_line {
  /// The arguments left to the program, in order: arguments that are no options, the program's own
  /// options, and everything after "--".
  std::vector<std::string> rest;
  /// One line for each error; the configuration is then unchanged.
  std::vector<std::string> errors;
  /// The output of --help, --version or --print-config.
  std::string text;

  /// Whether the program should continue.
  explicit operator bool() const noexcept { return errors.empty() && text.empty(); }

  /// Prints the errors to standard error, or, if there are none, the text to standard output.
  /// @returns the exit status: 2 if there are errors, else 0
  [[nodiscard]] int report() const;
};

} // namespace sake
