// What became of a command line.
#pragma once

#include <string>
#include <vector>

namespace sake {

/// What became of a command line that `config::read_command_line` has read.
///
///     sake::config options;
///     if (const auto line = options.read_command_line(argc, argv); !line)
///       return line.report();
///     sake::engine app{options};
struct [[nodiscard]] command_line {
  /// What is left to the program, in its order: arguments that are no options, the program's own
  /// options, and everything behind "--".
  std::vector<std::string> rest;
  /// One line for each thing that is wrong; the configuration is then what it was.
  std::vector<std::string> errors;
  /// What --help, --version or --print-config asks for.
  std::string text;

  /// Whether the program is to go on.
  explicit operator bool() const noexcept { return errors.empty() && text.empty(); }

  /// Prints the errors to standard error, or else the text to standard output.
  /// @returns the exit status: 2 where there are errors, else 0
  [[nodiscard]] int report() const;
};

} // namespace sake
