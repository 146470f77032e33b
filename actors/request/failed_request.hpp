// A request at which an actor has failed.
#pragma once

#include "../../http/request.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <string>

namespace sake::routing {
struct endpoint;
} // namespace sake::routing

namespace sake::actors {

/// The origin of a request, for the log.
struct request_origin {
  const routing::endpoint* endpoint = nullptr;
  /// The actor that waits for the response, 0 if none; and its number of the request.
  caf::actor_id requester = 0;
  std::uint64_t number = 0;

  /// The id that the log gives to a request without one; empty if no actor waits.
  [[nodiscard]] std::string id() const {
    return requester == 0 ? std::string{}
                          : std::to_string(requester) + '-' + std::to_string(number);
  }
};

/// A request at which an actor has failed.
struct failed_request {
  http::request request;
  request_origin origin;
};

} // namespace sake::actors
