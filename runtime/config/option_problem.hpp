// An error in one option.
#pragma once

#include <string>

namespace sake {

/// An error in one option.
struct option_problem {
  /// The option, or the table of a pool.
  std::string name;
  /// The rest of a sentence that starts with the name, such as "must be at least 1, not 0".
  std::string rule;
};

} // namespace sake
