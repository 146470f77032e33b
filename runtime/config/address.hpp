// The address an engine listens on.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sake {

/// The address an engine listens on: a host and a port, the path of a Unix socket, or an inherited
/// socket.
struct address {
  /// A name or a literal address, without brackets; empty for all addresses.
  std::string host;
  std::uint16_t port = 0;
  /// The path of a Unix socket; `host` is then empty.
  std::string path;
  /// Whether it is a socket that the process was started with; its name if there are several.
  bool is_inherited = false;
  std::string socket_name{};

  /// Reads "host:port", ":port", "[v6]:port", "port", "unix:/path", "systemd:" or "systemd:NAME".
  /// The error is one sentence.
  static boost::system::result<address, std::string> parse(std::string_view text);

  [[nodiscard]] bool is_unix() const noexcept { return !path.empty(); }
  [[nodiscard]] std::string to_string() const;
};

} // namespace sake
