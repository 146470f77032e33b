// Gives handlers to other nodes.
#pragma once

#include "remote_run.hpp"

#include <cstdint>

namespace sake::actors {

class executor;

/// Gives handlers of `.worker()` routes to other nodes: the other nodes, as the requests of one
/// shard see them. Belongs to the reactor of the shard.
class node_dispatcher {
public:
  enum class decision : std::uint8_t {
    here,   ///< the handler runs on this node
    taken,  ///< another node runs it, or it waits for one: an outcome follows, in another turn
    refused ///< it may not run here, and there is no node that takes it
  };
  /// Decides where a handler runs, and takes it over if that is another node. An idle worker of
  /// `place` comes first, then the node with the least load relative to its workers.
  virtual decision dispatch(remote_run& which, const executor& place) = 0;

  /// The response is not wanted any more: the handler need not begin.
  virtual void call_off(remote_run& which) noexcept = 0;

protected:
  ~node_dispatcher() = default;
};

} // namespace sake::actors
