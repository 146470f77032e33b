// Gives handlers to other nodes.
#pragma once

#include "../../http/content_stream.hpp"
#include "../../http/response.hpp"
#include "../../routing/remote_call.hpp"
#include "../../routing/route_map.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace sake::actors {

class executor;

/// A request with a handler that may run on another node. Belongs to its reactor; the dispatcher
/// that has it keeps it alive.
class remote_request {
public:
  [[nodiscard]] virtual const routing::endpoint& endpoint() const noexcept = 0;
  /// The work of the handler, as it is now. May throw.
  [[nodiscard]] virtual routing::remote_call remote_work() const = 0;
  /// The content that the handler takes as it arrives; null: there is none, or it is whole.
  [[nodiscard]] virtual std::shared_ptr<http::content_stream> arriving_content() const noexcept = 0;
  /// Whether every value that middleware has set can travel.
  [[nodiscard]] virtual bool may_travel() const noexcept = 0;
  /// Whether a second run of the handler does no harm (RFC 9110 §9.2.2).
  [[nodiscard]] virtual bool is_idempotent() const noexcept = 0;

  virtual void add_owner() noexcept = 0;
  virtual void drop_owner() noexcept = 0;

  // The result, one of these, once; none after `node_dispatcher::call_off`.

  /// Another node has run the handler.
  virtual void on_remote_response(http::response answer) noexcept = 0;
  /// Another node runs the handler, which writes its response piece by piece. No other result
  /// follows. `content` fails if the node is lost.
  virtual void on_remote_stream(http::response head, std::optional<std::uint64_t> length,
                                std::shared_ptr<http::content_stream> content) noexcept = 0;
  /// The node that may have begun the handler is lost, and no other may run it.
  virtual void on_remote_loss() noexcept = 0;
  /// No other node has begun the handler, and none takes it: it runs here.
  virtual void on_unplaced() noexcept = 0;
  /// The same, where it may not run here.
  virtual void on_remote_refusal() noexcept = 0;

  /// The number of the attempt that is under way; 0: none. For the dispatcher.
  std::uint64_t attempt = 0;

protected:
  ~remote_request() = default;
};

/// Gives handlers of `.worker()` routes to other nodes: the other nodes, as the requests of one
/// shard see them. Belongs to the reactor of the shard.
class node_dispatcher {
public:
  enum class decision : std::uint8_t {
    here,   ///< the handler runs on this node
    taken,  ///< another node runs it, or it waits for one: a result follows, in another turn
    refused ///< it may not run here, and there is no node that takes it
  };
  /// Decides where the handler of `who` runs, and takes it over if that is another node. An idle
  /// worker of `place` comes first, then the node with the least load relative to its workers.
  virtual decision dispatch(remote_request& who, const executor& place) = 0;

  /// The response is not wanted any more: the handler need not begin.
  virtual void call_off(remote_request& who) noexcept = 0;

protected:
  ~node_dispatcher() = default;
};

} // namespace sake::actors
