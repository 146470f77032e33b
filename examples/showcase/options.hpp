// The command line of the showcase.
#pragma once

#include <sake/sake.hpp>

#include <stdexcept>

namespace showcase {

/// What is wrong with a command line, in one sentence each.
class usage_error : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

struct options {
  sake::config config;
  bool wants_help = false;
  bool wants_version = false;
};

/// What --help prints.
extern const char* const usage;

/// Reads `--name value` and `--name=value`. @throws usage_error
options parse_options(int argc, const char* const* argv);

} // namespace showcase
