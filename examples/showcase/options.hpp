// The command line of the showcase.
#pragma once

#include <sake/sake.hpp>

#include <stdexcept>

namespace showcase {

/// An error in a command line, as one sentence.
class usage_error : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

struct options {
  sake::config config;
  bool wants_help = false;
  bool wants_version = false;
};

/// The text of --help.
extern const char* const usage;

/// Reads `--name value` and `--name=value`. @throws usage_error
options parse_options(int argc, const char* const* argv);

} // namespace showcase
