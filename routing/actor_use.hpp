// Which actor answers a request, on a route that spawns its actors.
#pragma once

#include "supervision.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sake::routing {

/// Which actor answers a request, on a route that spawns its actors.
struct actor_use {
  enum class kind : std::uint8_t {
    shared,      ///< one for all requests
    per_request, ///< one for each
    keyed,       ///< one for each value of a path parameter
  };

  kind what = kind::shared;
  /// With `keyed`: the name of the parameter.
  std::string key;
  /// With `keyed`: how long an actor may be idle before it is told to exit.
  std::chrono::milliseconds idle{60'000};
  /// With `keyed`: the most actors on one reactor; past it the one idle for longest is told to
  /// exit.
  std::size_t most = 10'000;
  /// With `shared` and `keyed`: what happens when an actor fails.
  sake::supervision supervision{};

  bool operator==(const actor_use&) const = default;
};

} // namespace sake::routing
