// A link over BASP.
#pragma once

#include "../network.hpp"
#include "link_channel.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>
#include <caf/node_id.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace sake::actors::nodes {

/// A link over BASP. CAF frames, serialises, and delivers to one actor without a mailbox per link,
/// the port, on the thread of its multiplexer; there every call to the owner is made. When the
/// stream ends, CAF forgets its route and its proxies first, then `on_down` is called, so that the
/// node can be dialled again at once. Lives until then, with or without other references.
class basp_link final : public link,
                        private link_channel::observer,
                        public std::enable_shared_from_this<basp_link> {
public:
  /// Hears once, on any thread, whether the link came up: empty; or why it did not.
  using opened = std::function<void(std::string problem)>;

  /// @param system  with CAF's middleman; must outlive the link
  /// @param peer  address of the other node, for the log
  [[nodiscard]] static std::shared_ptr<basp_link> make(caf::actor_system& system, std::string peer,
                                                       std::shared_ptr<link_owner> owner,
                                                       opened report);
  ~basp_link() override;

  /// Hands the channel to CAF. Once. The owner hears of the link from now on.
  void start(std::unique_ptr<link_channel> channel, link_side own);

  void send(envelope what) override;
  void cut() noexcept override;
  /// As `cut`, and logs why.
  void cut_because(std::string_view reason) noexcept;

private:
  class port;
  /// Cuts a stream from any thread, through a copy of its descriptor.
  class cutter {
  public:
    ~cutter() { close(); }
    void watch(int socket) noexcept;
    void cut() noexcept;
    void close() noexcept;

  private:
    std::mutex mutex_;
    int socket_ = -1;
    bool is_cut_ = false;
  };

  basp_link(caf::actor_system& system, std::string peer, std::shared_ptr<link_owner> owner,
            opened report);

  void receive(caf::mailbox_element& message);
  void receive_answer(caf::mailbox_element& message);
  void receive_down(const caf::down_msg& what);
  void receive_from_peer(caf::mailbox_element& message);
  void on_connected(const caf::node_id& peer, caf::strong_actor_ptr proxy);
  void confirm() noexcept;
  void go_up();
  void tell_opened(std::string problem) noexcept;

  void on_ended(std::string reason) noexcept override;
  void on_gone() noexcept override;
  void end_spawn_server();
  void finish() noexcept;
  [[nodiscard]] std::string problem() const;

  caf::actor_system& system_;
  const std::string peer_;
  caf::strong_actor_ptr port_;
  caf::strong_actor_ptr broker_;
  link_side side_ = link_side::dialled;
  cutter cutter_;
  /// Set while envelopes may be sent; `proxy_` does not change from then on.
  std::atomic<bool> is_up_{false};
  caf::strong_actor_ptr proxy_;

  // -- of the multiplexer's thread ------------------------------------------------

  std::shared_ptr<link_owner> owner_;
  opened report_;
  bool has_ended_ = false;
  std::string reason_;
  /// Keeps the link until CAF has forgotten its stream.
  std::shared_ptr<basp_link> self_;
};

} // namespace sake::actors::nodes
