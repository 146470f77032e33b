// Listening sockets for one address.
#pragma once

#include "config/address.hpp"
#include "config/unix_permissions.hpp"
#include "listening_socket.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sake {

/// The file of a Unix socket, removed by the destructor unless it is kept.
class socket_file {
public:
  socket_file() = default;
  explicit socket_file(std::string path) noexcept : path_(std::move(path)) {}
  socket_file(socket_file&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  socket_file& operator=(socket_file&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~socket_file();

  void keep() noexcept { path_.clear(); }

private:
  std::string path_;
};

/// Listening sockets for one address, one for each reactor, and their port. Closes the sockets that
/// were not taken. Removes the file of a Unix socket that it has made, unless that is kept.
class listening_sockets {
public:
  /// Opens `count` sockets for `where`: with SO_REUSEPORT for TCP; a Unix or inherited socket is
  /// shared. Refuses a port on which another process listens. The error is one line.
  ///
  /// @param permissions  of a Unix socket
  static boost::system::result<listening_sockets, std::string> open(
      const address& where, std::size_t count, const unix_permissions& permissions);

  listening_sockets(listening_sockets&&) noexcept = default;
  listening_sockets& operator=(listening_sockets&&) = delete;
  ~listening_sockets();

  /// Transfers ownership of socket `i`.
  [[nodiscard]] listening_socket take(std::size_t i) noexcept {
    return {std::exchange(sockets_[i], -1), is_shared_, is_inherited_};
  }
  /// Leaves the file of a Unix socket to the caller, who removes it at the end.
  void keep_file() noexcept { file_.keep(); }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
  listening_sockets() = default;
  std::string open_tcp(const address& where, std::size_t count);
  std::string open_unix(const address& where, const unix_permissions& permissions);
  std::string take_inherited(const address& where);
  std::string share(std::size_t count);

  socket_file file_;
  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
  bool is_shared_ = false;
  bool is_inherited_ = false;
};

} // namespace sake
