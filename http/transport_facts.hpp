// What a transport knows of its peer beyond the octets.
#pragma once

#include <string>

namespace sake::http {

/// What a secure transport knows of its connection and its peer. Does not change after the
/// handshake.
struct transport_facts {
  /// The version of the transport's protocol, such as "TLSv1.3".
  std::string version;
  /// The name that the client asked for; empty if it named none.
  std::string server_name;
  /// The subject of the client's certificate, which was verified; empty if it has none.
  std::string peer_name;
};

} // namespace sake::http
