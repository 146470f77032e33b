// Accepts nodes on a listening socket.
#pragma once

#include "../../reactor/deadline_wheel.hpp"
#include "../../reactor/detail/descriptor.hpp"
#include "../../reactor/reactor.hpp"
#include "../node_address.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sake::actors::nodes {

/// Accepts connections of other nodes on a reactor. Without descriptors it pauses for 100 ms.
/// Belongs to the reactor's thread; it may be made on another before the reactor runs.
class link_listener final : private reactor::io_handler, private deadline {
public:
  /// Binds `address`, host:port. A host that is a name is resolved, which may block.
  /// @param problem  set to one line when there is no listener
  [[nodiscard]] static std::unique_ptr<link_listener> open(reactor& home,
                                                           const std::string& address,
                                                           bool only_loopback,
                                                           std::string& problem);
  ~link_listener() override;

  /// Takes over an accepted socket that does not block.
  using take = std::function<void(int socket, const node_address& from)>;
  /// Answers whether another connection may be accepted now; while not, connections wait in the
  /// kernel.
  using has_room = std::function<bool()>;

  /// @throws std::system_error  when the reactor cannot watch the socket
  void start(take to, has_room room);
  /// There may be room again.
  void resume();

  [[nodiscard]] const node_address& where() const noexcept { return where_; }

private:
  link_listener(reactor& home, int socket);

  void on_events(std::uint32_t events) override;
  void expired(time_point now) override;
  void accept();
  [[nodiscard]] bool accept_one();
  void pause(int error);

  reactor& reactor_;
  detail::descriptor socket_;
  node_address where_;
  take take_;
  has_room has_room_;
  bool is_started_ = false;
  bool is_paused_ = false;
};

} // namespace sake::actors::nodes
