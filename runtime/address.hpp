// Where an engine listens.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sake {

/// Where an engine listens: a host and a port, or the path of a Unix socket.
struct address {
  /// A name or a literal address, without brackets; empty for every address.
  std::string host;
  std::uint16_t port = 0;
  /// The path of a Unix socket; then there is no host.
  std::string path;

  /// Reads "host:port", ":port", "[v6]:port", "port", or "unix:/path". The error is one sentence.
  static boost::system::result<address, std::string> parse(std::string_view text);

  [[nodiscard]] bool is_unix() const noexcept { return !path.empty(); }
  [[nodiscard]] std::string to_string() const;
};

} // namespace sake
