// The connections that come in on a listening socket.
#pragma once

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/shard.hpp>
#include <sake/runtime/listening_socket.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

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
  /// Accepts all connections whose handshake has begun, closes, and calls `done`: after `patience`,
  /// or once there were descriptors for all; at once where another process has the socket too, which
  /// connections are then left to.
  void finish(std::chrono::milliseconds patience, std::function<void()> done);

private:
  void on_events(std::uint32_t events) override;
  void accept();
  void accept_rest();
  bool accept_one();
  [[nodiscard]] bool welcome(int socket, const http::peer& peer);
  void refuse_further() noexcept;
  void pause(int error);
  void expired(actors::time_point now) override;
  void finished();
  void close() noexcept;

  actors::shard& shard_;
  listening_socket socket_;
  /// Between a lack of descriptors and the next look.
  bool is_paused_ = false;
  const std::atomic<std::size_t>& open_connections_;
  std::size_t max_connections_;
  /// While it finishes.
  std::function<void()> done_;
};

} // namespace sake
