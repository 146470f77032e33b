// A request in one line.
#pragma once

#include "../../http/peer.hpp"
#include "../../http/request.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::testing {

/// A request in one line, for a client to send or an actor to receive.
///
///     testing::request("PUT", "/carts/ann/tea").param("customer", "ann").content("2")
class request {
public:
  /// @param target  an absolute path, with `?query` if needed
  request(std::string_view method, std::string_view target) : method_(method), target_(target) {}

  /// Adds a field line.
  request& header(std::string_view name, std::string_view value);
  /// Sets the content; with `type`, its Content-Type too.
  request& content(std::string octets, std::string_view type = {});
  /// Sets JSON text as content.
  request& json(std::string text) { return content(std::move(text), "application/json"); }

  /// Sets a path parameter, as the router would, for an actor that is tested alone. A client sends
  /// none.
  request& param(std::string_view name, std::string_view value);
  /// Sets the address of the client. @throws std::invalid_argument unless `ip` is an IP address
  request& peer(const std::string& ip, std::uint16_t port = 0);

  [[nodiscard]] const std::string& method() const noexcept { return method_; }
  [[nodiscard]] const std::string& target() const noexcept { return target_; }
  [[nodiscard]] const http::peer& peer() const noexcept { return peer_; }
  /// "GET /carts/ann", for messages of failures.
  [[nodiscard]] std::string title() const { return method_ + ' ' + target_; }

  /// The request for a handler. @throws std::invalid_argument if a part is invalid in HTTP
  [[nodiscard]] http::request value() const;

  /// The octets of a client: with a Host field unless it has one, and the length of its content.
  [[nodiscard]] std::string octets() const;

private:
  using pairs = std::vector<std::pair<std::string, std::string>>;

  std::string method_;
  std::string target_;
  pairs fields_;
  pairs parameters_;
  std::string content_;
  http::peer peer_;
};

} // namespace sake::testing
