// The exception of a test that fails.
#pragma once

#include <stdexcept>

namespace sake::testing {

/// An expectation of a test was not met; the text names the expected and the actual result. Test
/// frameworks report thrown exceptions.
class failure : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace sake::testing
