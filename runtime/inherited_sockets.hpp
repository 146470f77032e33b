// Listening sockets that the process was started with.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace sake {

/// Finds the listening socket `name` that the process was started with, by the protocol of
/// systemd's socket activation (sd_listen_fds(3)): LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES. If
/// `name` is empty, there must be exactly one. Makes the socket non-blocking and close-on-exec.
///
/// @returns its descriptor, or one sentence that says why there is none
boost::system::result<int, std::string> inherited_socket(std::string_view name);

} // namespace sake
