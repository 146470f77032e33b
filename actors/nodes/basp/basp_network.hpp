// Links between nodes over CAF's BASP.
#pragma once

#include "../network.hpp"
#include "../node_settings.hpp"
#include "link_attempt.hpp"
#include "link_listener.hpp"
#include "node_identity.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sake::actors::nodes {

/// Links between nodes over CAF's BASP, with TLS 1.3 where certificates are configured. Connections
/// are made, accepted and checked here, on the reactor, before CAF sees an octet. At most 64 that
/// other nodes have begun are under way at a time; further ones wait in the kernel.
///
/// An owner that was admitted hears `on_down` once in any case but `close`, also if there never was
/// a link. A link that is dialled is up before `dial_listener::on_dialled`. Belongs to the
/// reactor's thread, but for the constructor and `open`, which may be called before the reactor
/// runs.
class basp_network final : public network {
public:
  static constexpr std::size_t max_arrivals = 64;

  /// @param system  set up by `load_middleman`
  /// Both must outlive the network. The reactor must not run any more, or close the network first,
  /// when it is destroyed.
  basp_network(reactor& home, caf::actor_system& system, node_settings settings);
  ~basp_network() override;

  /// Binds `node_settings::listen`, unless it is empty. May block on a host name.
  /// @returns why that failed, in one line; empty: it did not
  [[nodiscard]] std::string open();
  /// Where other nodes connect, as numbers; empty without a listener.
  [[nodiscard]] std::string where() const;

  /// Calls `open`, unless it was called; a failure is logged.
  void listen(network_host& host) override;
  void stop_listening() noexcept override;
  /// @param address  as `node_address::parse` reads it
  void dial(std::string_view address, std::string introduction,
            std::shared_ptr<dial_listener> by) override;
  /// Not in a call of a host or a `dial_listener`, and so the destructor.
  void close() noexcept override;

private:
  class arrival;
  class departure;

  void welcome(int socket, const node_address& from);
  [[nodiscard]] std::string why_not(const std::optional<node_address>& to) const;
  std::uint64_t prepare(link_attempt& made, bool has_arrived);

  reactor& reactor_;
  caf::actor_system& system_;
  const node_settings settings_;
  node_identity identity_;
  network_host* host_ = nullptr;
  std::unique_ptr<link_listener> listener_;
  std::uint64_t last_attempt_ = 0;
  std::size_t arrivals_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<link_attempt>> attempts_;
  /// Reset before the network is destroyed: functions posted to the reactor check it.
  std::shared_ptr<basp_network*> self_;
};

} // namespace sake::actors::nodes
