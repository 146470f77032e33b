// Listening sockets, and the connections that come in on them.
#pragma once

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/shard.hpp>
#include <sake/runtime/address.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sake {

/// Listening sockets for one address, one for each reactor, and the port that they got. Closes
/// what nobody took.
class listening_sockets {
public:
  /// Opens `count` sockets for `where`: with SO_REUSEPORT for TCP, shared for a Unix path. Refuses
  /// a port that somebody listens on already. The error is one line.
  static boost::system::result<listening_sockets, std::string> open(const address& where,
                                                                    std::size_t count);

  listening_sockets(listening_sockets&&) noexcept = default;
  listening_sockets& operator=(listening_sockets&&) = delete;
  ~listening_sockets();

  /// Gives away socket `i`.
  [[nodiscard]] int take(std::size_t i) noexcept { return std::exchange(sockets_[i], -1); }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
  listening_sockets() = default;
  std::string open_tcp(const address& where, std::size_t count);
  std::string open_unix(const address& where, std::size_t count);

  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
};

/// Accepts connections on one reactor, and makes an actor for each. Past the bound on connections
/// it answers 503. Belongs to the reactor's thread.
class listener final : private actors::deadline, private actors::reactor::watch {
public:
  /// Takes over a listening socket.
  listener(actors::shard& own, int socket, const std::atomic<std::size_t>& open_connections,
           std::size_t max_connections);
  ~listener() override;

  void start();
  /// Takes in who has connected already, up to a batch, and closes.
  void finish();
  void close() noexcept;

private:
  void on_events(std::uint32_t events) override;
  void accept();
  bool accept_one();
  [[nodiscard]] bool welcome(int socket, const http::peer& peer);
  void pause(int error);
  void expired(actors::time_point now) override;

  actors::shard& shard_;
  int socket_;
  const std::atomic<std::size_t>& open_connections_;
  std::size_t max_connections_;
};

} // namespace sake
