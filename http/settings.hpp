// The configuration of a connection.
#pragma once

#include "limits.hpp"

#include <cstddef>
#include <string>

namespace sake::http {

/// The configuration of a connection. Never changes while the engine runs.
struct settings {
  http::limits limits;
  http::deadlines deadlines;
  /// False: every response closes its connection.
  bool keep_alive = true;
  /// Whether a client that has sent its last octet, but may still read, gets the responses under
  /// way. False: it counts as gone, because a closed connection looks the same.
  bool half_closed_clients = false;
  /// Responses after which a connection closes; 0: no limit.
  std::size_t max_requests_per_connection = 0;
  /// "Server: …\r\n", or empty for none.
  std::string server_line;
};

} // namespace sake::http
