// Where an engine listens.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sake {

/// Where an engine listens: a host and a port, the path of a Unix socket, or a socket that the
/// process was started with.
struct address {
  /// A name or a literal address, without brackets; empty for every address.
  std::string host;
  std::uint16_t port = 0;
  /// The path of a Unix socket; then there is no host.
  std::string path;
  /// A socket that the process was started with, and its name where there are several.
  bool is_inherited = false;
  std::string socket_name{};

  /// Reads "host:port", ":port", "[v6]:port", "port", "unix:/path", "systemd:" or "systemd:NAME".
  /// The error is one sentence.
  static boost::system::result<address, std::string> parse(std::string_view text);

  [[nodiscard]] bool is_unix() const noexcept { return !path.empty(); }
  [[nodiscard]] std::string to_string() const;
};

} // namespace sake
