// The connections that come in on a listening socket.
#pragma once

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/shard.hpp>
#include <sake/runtime/listening_socket.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sake {

/// Accepts connections on one reactor, and makes an actor for each. Past the bound on connections
/// it answers 503. Belongs to the reactor's thread.
class listener final : private actors::deadline, private actors::reactor::watch {
public:
  /// Takes over a listening socket.
  listener(actors::shard& own, listening_socket socket,
           const std::atomic<std::size_t>& open_connections, std::size_t max_connections);
  ~listener() override;

  void start();
  /// Accepts all connections that the kernel has accepted already, and closes; connections to a
  /// socket that another process has too are left to that.
  void finish();
  void close() noexcept;

private:
  void on_events(std::uint32_t events) override;
  void accept();
  bool accept_one();
  [[nodiscard]] bool welcome(int socket, const http::peer& peer);
  void refuse_further() noexcept;
  void pause(int error);
  void expired(actors::time_point now) override;

  actors::shard& shard_;
  listening_socket socket_;
  /// Between a lack of descriptors and the next look.
  bool is_paused_ = false;
  const std::atomic<std::size_t>& open_connections_;
  std::size_t max_connections_;
};

} // namespace sake
