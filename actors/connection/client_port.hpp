// The connection of a request, as its exchange sees it.
#pragma once

#include "../../http/response_port.hpp"
#include "../../routing/route_info.hpp"

#include <caf/mailbox_element.hpp>

#include <cstdint>

namespace sake::actors {

/// Takes the responses of one client: its connection, as exchanges see it. Belongs to one reactor.
class client_port {
public:
  /// The port of the protocol, for all requests of this client.
  [[nodiscard]] virtual http::response_port& responses() noexcept = 0;

  /// Takes the response to the request in `asked`, and may take `asked` itself, to reuse it.
  /// @param asked  a `request_message` of this client
  virtual void respond_to(caf::mailbox_element_ptr& asked, http::response&& answer) = 0;

  /// Tells observers of responses that the request with this id has a route. The views in `route`
  /// must outlive the port.
  virtual void note_route(std::uint64_t, routing::route_info) noexcept {}

  /// The handler of the request with this id was refused before it began: the response that follows
  /// says so to clients.
  virtual void note_refused(std::uint64_t) noexcept {}

  /// A response is lost, so no later one can be sent: closes the connection at the end of the turn.
  virtual void fail() noexcept = 0;

protected:
  ~client_port() = default;
};

} // namespace sake::actors
