// One listening socket.
#pragma once

namespace sake {

/// One listening socket, as it is handed from the one who opens it to its listener.
struct listening_socket {
  int descriptor = -1;
  /// Whether other reactors have duplicates of the descriptor.
  bool is_shared = false;
  /// Whether another process has it too: connections that nobody accepts are then for the next one
  /// that serves there.
  bool is_inherited = false;
};

} // namespace sake
