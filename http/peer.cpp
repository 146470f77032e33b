#include "peer.hpp"

#include <arpa/inet.h>

namespace sake::http {

std::string peer::ip() const {
  char text[INET6_ADDRSTRLEN] = {};
  switch (kind) {
    case family::none:
      return {};
    case family::local:
      return "local";
    case family::ipv4:
      return inet_ntop(AF_INET, address.data(), text, sizeof text);
    case family::ipv6:
      return inet_ntop(AF_INET6, address.data(), text, sizeof text);
  }
  return {};
}

std::string peer::to_string() const {
  switch (kind) {
    case family::ipv4:
      return ip() + ':' + std::to_string(port);
    case family::ipv6:
      return '[' + ip() + "]:" + std::to_string(port);
    default:
      return ip();
  }
}

} // namespace sake::http
