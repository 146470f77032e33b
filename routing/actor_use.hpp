// Which actor answers a request, where the route spawns them itself.
#pragma once

#include <sake/routing/supervision.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sake::routing {

/// Which actor answers a request, where the route spawns them itself.
struct actor_use {
  enum class kind : std::uint8_t {
    shared,      ///< one for all requests
    per_request, ///< one for each
    keyed,       ///< one for each value of a path parameter
  };

  kind what = kind::shared;
  /// With `keyed`: the name of the parameter.
  std::string key;
  /// With `keyed`: how long an actor may go unasked before it is let go.
  std::chrono::milliseconds idle{60'000};
  /// With `keyed`: how many there may be on one reactor; past it the one unasked for longest goes.
  std::size_t most = 10'000;
  /// With `shared` and `keyed`: what happens when one fails.
  sake::supervision supervision{};

  bool operator==(const actor_use&) const = default;
};

} // namespace sake::routing
