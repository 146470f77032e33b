// What a test fails by where a value cannot say it.
#pragma once

#include <stdexcept>

namespace sake::testing {

/// Something that a test expects does not happen; the text says what was expected and what was
/// there. Every test framework reports what is thrown.
class failure : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace sake::testing
