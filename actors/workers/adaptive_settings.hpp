// The configuration of adaptive mode.
#pragma once

#include <chrono>

namespace sake::actors {

/// The limits of adaptive mode.
struct adaptive_settings {
  bool enabled = true;
  /// A handler that holds its reactor for at least this long counts as slow.
  std::chrono::milliseconds threshold{5};
  /// The time in which slow runs are counted, and between two checks of a moved route.
  std::chrono::milliseconds window{1000};
};

} // namespace sake::actors
