// Takes the requests of connections.
#pragma once

#include "../../http/access.hpp"
#include "../../http/limits.hpp"
#include "../../http/protocol.hpp"
#include "../../http/request.hpp"
#include "../../http/settings.hpp"

#include <caf/mailbox_element.hpp>

#include <memory>
#include <string_view>

namespace sake::actors {

class connection;

/// Takes the requests of the connections of one reactor, and provides their settings and protocols.
/// Belongs to the reactor, and outlives its connections.
class request_sink {
public:
  /// Announces a connection, which exists until `closed`.
  virtual void opened(connection& added) = 0;
  virtual void closed(connection& gone) = 0;

  /// Returns the content rules of the route that `head` matches.
  [[nodiscard]] virtual http::content_rules rules_for(http::request& head) = 0;

  /// Returns the name of that route, for the log.
  [[nodiscard]] virtual std::string_view route_name(http::request& head) = 0;

  /// Takes a request in a message. The response goes to the sender of the message.
  virtual void dispatch(caf::mailbox_element_ptr request) = 0;

  /// Makes the protocol of a connection whose handshake is done. `events` outlives it.
  /// @returns the protocol; null if the first octets must tell, and are too few. With
  ///          `http::telling_octets` of them, null closes the connection
  [[nodiscard]] virtual std::unique_ptr<http::protocol> make_protocol(
      http::protocol_events& events, const http::connection_start& known) = 0;

  [[nodiscard]] virtual const http::settings& settings() const noexcept = 0;

  /// The observers of responses; empty: none. Constant once a connection exists.
  [[nodiscard]] virtual const http::access_observers& access_observers() const noexcept = 0;

protected:
  request_sink() = default;
  request_sink(const request_sink&) = delete;
  request_sink& operator=(const request_sink&) = delete;
  ~request_sink() = default;
};

} // namespace sake::actors
