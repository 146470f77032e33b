// The configuration of one node among several.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sake::actors {

/// What a node does for the others.
enum class node_role : std::uint8_t {
  both,   ///< takes requests of clients, and runs `.worker()` handlers for itself and others
  front,  ///< takes requests of clients; their `.worker()` handlers run on other nodes
  worker, ///< runs `.worker()` handlers for itself and others, and gives none of its own away
};

/// The configuration of one node among several. Without `listen` and `join` there is only one.
struct node_settings {
  /// Tells nodes apart, for people; empty: the name of the host and the port of `listen`.
  std::string name{};
  /// Where other nodes connect, as host:port; empty: this node only dials.
  std::string listen{};
  /// The addresses of other nodes: host:port, where a host name may have several addresses.
  std::vector<std::string> join{};
  node_role role = node_role::both;

  /// PEM files: the certificate of this node with its chain, its key, and the trusted authorities.
  /// All three or none; without them nodes talk over loopback only.
  std::string certificate{};
  std::string key{};
  std::string authority{};

  /// The names of all nodes that there may be. Majorities are counted on it; empty: the nodes that
  /// were ever seen.
  std::vector<std::string> members{};

  /// How often each node tells the others that it lives.
  std::chrono::milliseconds heartbeat{500};
  /// After this silence a node gets no new work.
  std::chrono::milliseconds suspicion{1500};
  /// After this silence a node counts as dead, and its link is cut.
  std::chrono::milliseconds death{3000};
  /// What a dead node owned gets a new owner after this time.
  std::chrono::milliseconds stable{10'000};
  /// Requests that one other node may have under way here, at most; 0: 256, or twice the number of
  /// workers if that is more. A node begins with twice the number of workers, and uses more while
  /// responses come within 5 ms.
  std::size_t credit = 0;

  [[nodiscard]] bool is_on() const noexcept { return !listen.empty() || !join.empty(); }
  [[nodiscard]] bool has_tls() const noexcept { return !certificate.empty(); }
};

} // namespace sake::actors
