// The other end of a connection.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace sake::http {

/// The address of a client, in few octets: a connection fills it at accept, and a request carries a
/// copy. Rendered only on demand.
struct peer {
  enum class family : std::uint8_t { none, ipv4, ipv6, local };

  family kind = family::none;
  std::uint16_t port = 0;
  /// Network order; IPv4 uses the first four octets.
  std::array<std::uint8_t, 16> address{};

  /// The address without the port: "203.0.113.7", "2001:db8::1", "local" for a Unix socket,
  /// empty where there is none.
  [[nodiscard]] std::string ip() const;

  /// Address and port as logs show them: "203.0.113.7:51514", "[2001:db8::1]:51514".
  [[nodiscard]] std::string to_string() const;
};

} // namespace sake::http
