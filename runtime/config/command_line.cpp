#include "command_line.hpp"

#include <cstdio>

namespace sake {

int command_line::report() const {
  for (const auto& each : errors)
    std::fprintf(stderr, "%s\n", each.c_str());
  if (errors.empty())
    std::fputs(text.c_str(), stdout);
  return errors.empty() ? 0 : 2;
}

} // namespace sake
