// The address of a node, as numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/socket.h>

namespace sake::actors::nodes {

/// The address of a node: a numeric IPv4 or IPv6 address and a port.
struct node_address {
  /// The host name that the certificate of the node must name; empty: it must name `host`.
  std::string name;
  /// Without brackets.
  std::string host;
  std::uint16_t port = 0;

  /// Reads "1.2.3.4:port", "[v6]:port", and either with "name/" before it. Empty when `text` is
  /// none of them.
  [[nodiscard]] static std::optional<node_address> parse(std::string_view text);
  /// The address of a socket; empty when it is of another family.
  [[nodiscard]] static std::optional<node_address> of(const sockaddr_storage& from);

  /// As `parse` reads it, without the name.
  [[nodiscard]] std::string to_string() const;
  /// Whether only this machine reaches it.
  [[nodiscard]] bool is_loopback() const;
  /// Writes the address for connect(2) and bind(2).
  /// @returns its size
  socklen_t write(sockaddr_storage& to) const;
};

/// The parts of "host:port", where the host may be a name, or empty; brackets around it are left
/// out.
struct host_and_port {
  std::string host;
  std::string port;

  /// Empty when there is no port, or it is not a number up to 65535.
  [[nodiscard]] static std::optional<host_and_port> parse(std::string_view text);
};

} // namespace sake::actors::nodes
