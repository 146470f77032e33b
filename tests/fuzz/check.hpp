// What a fuzz target does when a rule is broken.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace sake::test {

/// Ends the process with `rule`, unless it holds: the fuzzer keeps the input.
inline void check(bool holds, std::string_view rule) {
  if (holds)
    return;
  std::cerr << "broken: " << rule << '\n';
  std::abort();
}

} // namespace sake::test
