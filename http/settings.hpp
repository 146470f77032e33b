// What a connection takes from the configuration.
#pragma once

#include <sake/http/limits.hpp>

#include <cstddef>
#include <string>

namespace sake::http {

/// What a connection takes from the configuration. Never changes while the engine runs.
struct settings {
  http::limits limits;
  http::deadlines deadlines;
  /// False: every response closes its connection.
  bool keep_alive = true;
  /// Responses after which a connection closes; 0: no bound.
  std::size_t max_requests_per_connection = 0;
  /// "Server: …\r\n", or empty for none.
  std::string server_line;
};

} // namespace sake::http
