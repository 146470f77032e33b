// What adaptive mode takes from the configuration.
#pragma once

#include <chrono>

namespace sake::actors {

/// The bounds of adaptive mode.
struct adaptive_settings {
  bool enabled = true;
  /// A handler that holds its reactor for as long counts.
  std::chrono::milliseconds threshold{5};
  /// The time within which they are counted, and between two looks at a route that has moved.
  std::chrono::milliseconds window{1000};
};

} // namespace sake::actors
