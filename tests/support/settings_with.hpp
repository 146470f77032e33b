// Settings of the codec that differ from the defaults.
#pragma once

#include <sake/http/settings.hpp>

namespace sake::test {

/// Default settings with the changes of `choose`.
inline http::settings settings_with(void (*choose)(http::settings&)) {
  http::settings chosen;
  choose(chosen);
  return chosen;
}

} // namespace sake::test
