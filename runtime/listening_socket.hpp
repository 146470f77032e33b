// One listening socket.
#pragma once

namespace sake {

/// One listening socket, passed from `listening_sockets` to a listener.
struct listening_socket {
  int descriptor = -1;
  /// Whether other reactors hold duplicates of the descriptor.
  bool is_shared = false;
  /// Whether another process holds the socket too: connections not accepted here are left to the
  /// next process that serves there.
  bool is_inherited = false;
};

} // namespace sake
