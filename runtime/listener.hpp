// Accepts connections on a listening socket.
#pragma once

#include "../actors/connection/connection_limit.hpp"
#include "../actors/connection/transport.hpp"
#include "../actors/reactor/deadline_wheel.hpp"
#include "../actors/request/shard.hpp"
#include "listening_socket.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace sake {

/// Accepts connections on one reactor and spawns an actor for each. Past the limit on connections
/// it answers 503. Belongs to the reactor's thread.
class listener final : private actors::deadline, private actors::reactor::io_handler {
public:
  /// Takes ownership of the listening socket. The other arguments must outlive the listener.
  listener(actors::shard& own, listening_socket socket, actors::connection_limit& limit,
           const actors::transport_factory& transports);
  ~listener() override;

  /// Takes over an accepted socket for another reactor, unless it returns false.
  using give_away = std::function<bool(int socket, const http::peer& peer)>;

  /// @param elsewhere  asked first for each connection; may be empty
  void start(give_away elsewhere = {});
  /// Opens a connection on an accepted socket, which another reactor may have accepted.
  /// @returns false if the system has no resources left to watch the socket
  bool open(int socket, const http::peer& peer);
  /// Accepts all connections with a handshake begun, closes the socket, and calls `done`:
  /// after `patience`, or, if descriptors ran out, once all are accepted. If another process shares
  /// the socket, calls `done` at once and leaves the connections to that process.
  void finish(std::chrono::milliseconds patience, std::function<void()> done);

private:
  void on_events(std::uint32_t events) override;
  void accept();
  void accept_rest();
  bool accept_one();
  void refuse_further() noexcept;
  void pause(int error);
  void expired(actors::time_point now) override;
  void finished();
  void close() noexcept;

  actors::shard& shard_;
  listening_socket socket_;
  /// True from a lack of descriptors until the next attempt.
  bool is_paused_ = false;
  actors::connection_limit& limit_;
  const actors::transport_factory& transports_;
  give_away elsewhere_;
  /// Set while `finish` is in progress.
  std::function<void()> done_;
};

} // namespace sake
