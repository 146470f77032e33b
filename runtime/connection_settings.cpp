#include <sake/runtime/connection_settings.hpp>

namespace sake {

http::settings connection_settings(const config& options) {
  http::settings made;
  made.limits = options.limits();
  made.deadlines = options.deadlines();
  made.keep_alive = options.keep_alive();
  made.half_closed_clients = options.half_closed_clients();
  made.max_requests_per_connection = options.max_requests_per_connection();
  if (!options.server_name().empty())
    made.server_line = "Server: " + options.server_name() + "\r\n";
  return made;
}

} // namespace sake
