#include "address.hpp"

#include <charconv>

#include <sys/un.h>

namespace sake {

boost::system::result<address, std::string> address::parse(std::string_view text) {
  const auto bad = [text](std::string_view why) -> boost::system::result<address, std::string> {
    return {boost::system::in_place_error, "\"" + std::string{text} + "\": " + std::string{why}};
  };
  constexpr std::string_view unix_prefix = "unix:";
  constexpr std::string_view inherited_prefix = "systemd:";
  address result;
  if (text.starts_with(unix_prefix)) {
    result.path = text.substr(unix_prefix.size());
    if (result.path.empty() || result.path.size() >= sizeof(sockaddr_un::sun_path))
      return bad("the path of a Unix socket has 1 to 107 characters");
    return result;
  }
  if (text.starts_with(inherited_prefix)) {
    result.is_inherited = true;
    result.socket_name = text.substr(inherited_prefix.size());
    return result;
  }
  std::string_view host;
  std::string_view port = text;
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  const bool has_brackets = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (has_brackets)
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return bad("an IPv6 address stands in brackets, as in [::1]:8080");
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size())
    return bad("the port is a number from 0 to 65535");
  result.host = host;
  return result;
}

std::string address::to_string() const {
  if (is_unix())
    return "unix:" + path;
  if (is_inherited)
    return "systemd:" + socket_name;
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? '[' + host + ']' : host.empty() ? "0.0.0.0" : host) + ':' + std::to_string(port);
}

} // namespace sake
