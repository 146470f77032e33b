// Listening sockets that the process was started with.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace sake {

/// The listening socket `name` that the process was started with, by the protocol of systemd's
/// socket activation (sd_listen_fds(3)): LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES. Without a name, the
/// only one. The socket is made non-blocking, and is not inherited further.
///
/// @returns its descriptor, or why there is none in one sentence
boost::system::result<int, std::string> inherited_socket(std::string_view name);

} // namespace sake
