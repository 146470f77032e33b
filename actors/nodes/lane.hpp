// One lane of a link: a reactor here and one at another node.
#pragma once

#include "../reactor/reactor_actor.hpp"
#include "call_client.hpp"
#include "call_server.hpp"
#include "lane_output.hpp"
#include "peer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace sake::actors::nodes {

/// Takes the frames of a link that are of no request. On the reactor of lane 0.
class control_sink {
public:
  virtual void on_control(peer& from, const frame& what) = 0;

protected:
  ~control_sink() = default;
};

/// One lane of a link to another node: the requests that this reactor has given to it, and those
/// that it serves. Belongs to its reactor.
class lane {
public:
  /// @param credit  requests that the other node may have under way here, at a time
  /// @param control  null: such frames are ignored
  lane(shard& own, std::shared_ptr<peer> with, std::uint16_t number, std::size_t window,
       std::size_t credit, const std::function<std::uint32_t()>& load, call_client::placer& by,
       control_sink* control)
      : peer_(std::move(with)),
        control_(control),
        out_(own.reactor(), number, window, load),
        client_(by, out_, own.routes()),
        server_(spawn_on<call_server>(own.reactor(), own, out_, credit)) {}
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;
  ~lane() { serving().close(), serving().end(); }

  [[nodiscard]] call_client& client() noexcept { return client_; }
  [[nodiscard]] call_server& serving() noexcept {
    return static_cast<call_server&>(*server_->get());
  }
  [[nodiscard]] lane_output& output() noexcept { return out_; }

  /// Takes the frames of one envelope. Cuts the link if the peer breaks the rules.
  void receive(std::string_view frames);

private:
  [[nodiscard]] bool take(const frame& what);

  const std::shared_ptr<peer> peer_;
  control_sink* const control_;
  lane_output out_;
  call_client client_;
  const caf::strong_actor_ptr server_;
  /// Octets of pieces that the peer has not been told of.
  std::uint32_t received_ = 0;
};

} // namespace sake::actors::nodes
