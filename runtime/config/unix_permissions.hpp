// Who may connect to a Unix socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace sake {

/// Who may connect to a Unix socket, as for chmod(1) and chown(1).
struct unix_permissions {
  /// "0660"; empty: by the umask of the process.
  std::string mode;
  /// "user", "user:group" or ":group"; empty: those of the process.
  std::string owner;
};

/// Reads a mode in octal, up to 0777; empty if `text` is none.
std::optional<mode_t> read_mode(std::string_view text);

/// Applies `wanted` to the socket at `path`.
/// @returns the error in one sentence; empty on success
std::string apply(const unix_permissions& wanted, const std::string& path);

} // namespace sake
