// Who may connect to a Unix socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace sake {

/// Who may connect to a Unix socket: as chmod(1) and chown(1) say it.
struct unix_permissions {
  /// "0660"; empty: what the umask of the process leaves.
  std::string mode;
  /// "user", "user:group" or ":group"; empty: those of the process.
  std::string owner;
};

/// The mode that `text` says in octal, up to 0777; empty where it says none.
std::optional<mode_t> read_mode(std::string_view text);

/// Applies `wanted` to the socket at `path`.
/// @returns why not, in one sentence; empty where all is well
std::string apply(const unix_permissions& wanted, const std::string& path);

} // namespace sake
