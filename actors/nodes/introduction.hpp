// How a node introduces itself.
#pragma once

#include "node_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::actors::nodes {

/// The most workers that a node may tell of.
inline constexpr std::uint32_t max_width = 1 << 20;

/// How a node introduces itself to another, before they have a link.
struct introduction {
  std::uint16_t min_version = 0;
  std::uint16_t max_version = 0;
  /// Random, new at each start of the process.
  std::uint64_t id = 0;
  std::string name{};
  /// Where it listens for nodes; empty if it does not.
  std::string address{};
  node_role role = node_role::both;
  bool is_draining = false;
  /// Its workers, and how many requests of one other node it takes at a time.
  std::uint32_t width = 0;
  std::uint32_t credit = 0;
  /// Its reactors.
  std::uint16_t reactors = 1;
  /// `route_map::id_of` of each route that it runs for others.
  std::vector<std::uint64_t> routes{};

  friend bool operator==(const introduction&, const introduction&) = default;
};

/// The octets of an introduction. A later version may add more at the end, which is ignored.
[[nodiscard]] std::string encode(const introduction& what);
/// Does not trust the octets. Empty: malformed.
[[nodiscard]] std::optional<introduction> decode_introduction(std::string_view octets);

} // namespace sake::actors::nodes
