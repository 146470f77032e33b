// The nodes, as a program sees them.
#pragma once

#include "../../http/json/json_struct.hpp"
#include "node_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sake::actors {

/// The state of a node, as another one sees it.
enum class node_state : std::uint8_t {
  up,        ///< takes part
  suspected, ///< silent: it gets no new work
  leaving,   ///< ends in an orderly way: it gets no new work
  left,      ///< has ended in an orderly way
  died,      ///< its link was lost, or it was silent for too long
};

[[nodiscard]] constexpr std::string_view to_string(node_state state) noexcept {
  constexpr std::string_view names[] = {"up", "suspected", "leaving", "left", "died"};
  return names[static_cast<std::size_t>(state)];
}

[[nodiscard]] constexpr std::string_view to_string(node_role role) noexcept {
  constexpr std::string_view names[] = {"both", "front", "worker"};
  return names[static_cast<std::size_t>(role)];
}

/// A node: this one, or another that this one knows. May be written as JSON.
struct node_info {
  std::string name;
  /// Random, new at each start of the process; in hexadecimal.
  std::string id;
  /// Where it listens for nodes; empty if it does not.
  std::string address;
  /// "both", "front" or "worker".
  std::string role;
  /// "up", "suspected", "leaving", "left" or "died".
  std::string state;
  bool is_this_node = false;
  /// Workers, and tasks queued or running for them.
  std::size_t workers = 0;
  std::size_t load = 0;
  /// Requests of this node that it has.
  std::size_t under_way = 0;
  /// Of the last ping, in microseconds; 0: none yet.
  std::int64_t round_trip_us = 0;
  /// Milliseconds since it was last heard.
  std::int64_t silent_ms = 0;
  /// Names of `.worker()` routes of this node that it does not have.
  std::vector<std::string> missing_routes;
};
SAKE_JSON(node_info, name, id, address, role, state, is_this_node, workers, load, under_way,
          round_trip_us, silent_ms, missing_routes);

/// A change of a node's state, as this one sees it.
struct node_event {
  enum class kind : std::uint8_t { joined, suspected, recovered, left, died };

  kind what;
  std::string name;
  std::string id;
  std::string address;
};

[[nodiscard]] constexpr std::string_view to_string(node_event::kind what) noexcept {
  constexpr std::string_view names[] = {"joined", "suspected", "recovered", "left", "died"};
  return names[static_cast<std::size_t>(what)];
}

} // namespace sake::actors
