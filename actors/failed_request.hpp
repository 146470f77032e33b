// A request at which an actor has failed.
#pragma once

#include <sake/http/request.hpp>

#include <caf/fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace sake::routing {
struct plan;
} // namespace sake::routing

namespace sake::actors {

/// How a request came in, for the log.
struct request_origin {
  const routing::plan* plan = nullptr;
  /// Whoever waits for the response, and the number of the request with him; 0: nobody.
  caf::actor_id asker = 0;
  std::uint64_t number = 0;

  /// What the log calls a request that came without an id; empty where nobody waits.
  [[nodiscard]] std::string id() const {
    return asker == 0 ? std::string{} : std::to_string(asker) + '-' + std::to_string(number);
  }
};

/// A request at which an actor has failed.
struct failed_request {
  http::request request;
  request_origin origin;
};

/// An actor that notes at which request an exception has ended it. Written and read where it runs.
struct failure_note {
  std::optional<failed_request> failed_at;

protected:
  ~failure_note() = default;
};

} // namespace sake::actors
