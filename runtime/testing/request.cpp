#include "request.hpp"

#include "../../http/fields.hpp"

#include <algorithm>
#include <stdexcept>

#include <arpa/inet.h>

namespace sake::testing {

request& request::header(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
  return *this;
}

request& request::content(std::string octets, std::string_view type) {
  content_ = std::move(octets);
  return type.empty() ? *this : header("Content-Type", type);
}

request& request::param(std::string_view name, std::string_view value) {
  parameters_.emplace_back(name, value);
  return *this;
}

request& request::peer(const std::string& ip, std::uint16_t port) {
  peer_ = {};
  peer_.port = port;
  if (::inet_pton(AF_INET, ip.c_str(), peer_.address.data()) == 1)
    peer_.kind = http::peer::family::ipv4;
  else if (::inet_pton(AF_INET6, ip.c_str(), peer_.address.data()) == 1)
    peer_.kind = http::peer::family::ipv6;
  else
    throw std::invalid_argument("not an IP address: " + ip);
  return *this;
}

http::request request::value() const {
  std::vector<http::field> lines;
  for (const auto& [name, value] : fields_)
    lines.push_back({name, value});
  auto made = http::request::make(method_, target_, lines, content_);
  auto& data = made.data();
  const auto append = [&text = data.parameter_text](std::string_view part) {
    const auto begin = static_cast<std::uint32_t>(text.size());
    text += part;
    return http::detail::span{begin, static_cast<std::uint32_t>(part.size())};
  };
  for (const auto& [name, value] : parameters_) {
    const auto at_name = append(name);
    data.parameters.push_back({at_name, append(value)});
  }
  data.peer = peer_;
  return made;
}

std::string request::octets() const {
  const auto has = [this](std::string_view wanted) {
    return std::any_of(fields_.begin(), fields_.end(),
                       [wanted](const auto& each) { return http::iequals(each.first, wanted); });
  };
  std::string text = title() + " HTTP/1.1\r\n";
  if (!has("Host"))
    text += "Host: test\r\n";
  for (const auto& [name, value] : fields_)
    text.append(name).append(": ").append(value).append("\r\n");
  if (!content_.empty() && !has("Content-Length") && !has("Transfer-Encoding"))
    text += "Content-Length: " + std::to_string(content_.size()) + "\r\n";
  return text + "\r\n" + content_;
}

} // namespace sake::testing
