// Listening sockets for one address.
#pragma once

#include <sake/runtime/address.hpp>
#include <sake/runtime/listening_socket.hpp>
#include <sake/runtime/unix_permissions.hpp>

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sake {

/// Listening sockets for one address, one for each reactor, and the port that they got. Closes
/// those that were not taken.
class listening_sockets {
public:
  /// Opens `count` sockets for `where`: with SO_REUSEPORT for TCP; a Unix socket, or one that the
  /// process was started with, is shared. Refuses a port where another process listens. The error
  /// is one line.
  ///
  /// @param permissions  of a Unix socket
  static boost::system::result<listening_sockets, std::string> open(
      const address& where, std::size_t count, const unix_permissions& permissions);

  listening_sockets(listening_sockets&&) noexcept = default;
  listening_sockets& operator=(listening_sockets&&) = delete;
  ~listening_sockets();

  /// Gives away socket `i`.
  [[nodiscard]] listening_socket take(std::size_t i) noexcept {
    return {std::exchange(sockets_[i], -1), is_shared_, is_inherited_};
  }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
  listening_sockets() = default;
  std::string open_tcp(const address& where, std::size_t count);
  std::string open_unix(const address& where, const unix_permissions& permissions);
  std::string take_inherited(const address& where);
  std::string share(std::size_t count);

  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
  bool is_shared_ = false;
  bool is_inherited_ = false;
};

} // namespace sake
