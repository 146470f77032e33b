#include "node_address.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace sake::actors::nodes {

std::optional<host_and_port> host_and_port::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return {};
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size())
    return {};
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return {};
  return host_and_port{std::string{host}, std::to_string(number)};
}

std::optional<node_address> node_address::parse(std::string_view text) {
  node_address result;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    result.name = text.substr(0, slash);
    text.remove_prefix(slash + 1);
  }
  const auto parts = host_and_port::parse(text);
  if (!parts)
    return {};
  result.host = parts->host;
  result.port = static_cast<std::uint16_t>(std::stoi(parts->port));
  sockaddr_storage unused;
  return result.write(unused) > 0 ? std::optional{result} : std::nullopt;
}

std::optional<node_address> node_address::of(const sockaddr_storage& from) {
  node_address result;
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* octets = nullptr;
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    octets = &v4.sin_addr;
    result.port = ntohs(v4.sin_port);
  } else if (from.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    octets = &v6.sin6_addr;
    result.port = ntohs(v6.sin6_port);
  } else {
    return {};
  }
  ::inet_ntop(from.ss_family, octets, text.data(), text.size());
  result.host = text.data();
  return result;
}

std::string node_address::to_string() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

bool node_address::is_loopback() const {
  sockaddr_storage octets;
  if (write(octets) == 0)
    return false;
  constexpr std::uint32_t loopback_net = 127;
  if (octets.ss_family == AF_INET)
    return ntohl(reinterpret_cast<const sockaddr_in&>(octets).sin_addr.s_addr) >> 24
           == loopback_net;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(octets).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == loopback_net);
}

socklen_t node_address::write(sockaddr_storage& to) const {
  to = {};
  auto& v4 = reinterpret_cast<sockaddr_in&>(to);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(to);
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1)
    return 0;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  return sizeof v6;
}

} // namespace sake::actors::nodes
