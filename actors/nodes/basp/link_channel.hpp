// The octets of one link: a socket, TLS, and the guard over BASP.
#pragma once

#include "basp_guard.hpp"
#include "link_io.hpp"
#include "tls_session.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sake::actors::nodes {

/// The octets of one link: a connected socket that does not block, with TLS or without. First a
/// handshake uses it, on a reactor; then CAF, on the thread of its multiplexer.
class link_channel {
public:
  /// Hears what becomes of a channel that CAF uses. On the thread of CAF's multiplexer, or on the
  /// thread that ends CAF.
  class observer {
  public:
    /// Nothing more is read or written: the reason in one line, empty when CAF has closed it. Once.
    virtual void on_ended(std::string reason) noexcept = 0;
    /// CAF has forgotten the channel. Once, the last call; `on_ended` may be missing.
    virtual void on_gone() noexcept = 0;

  protected:
    ~observer() = default;
  };

  /// Takes over the socket.
  /// @param tls  null: octets travel as they are
  link_channel(int socket, link_side own, std::unique_ptr<tls_session> tls) noexcept;
  link_channel(const link_channel&) = delete;
  link_channel& operator=(const link_channel&) = delete;
  ~link_channel();

  [[nodiscard]] int socket() const noexcept { return socket_; }

  // -- before BASP ----------------------------------------------------------------

  [[nodiscard]] link_io shake_hands() noexcept;
  [[nodiscard]] link_io read(char* to, std::size_t size) noexcept;
  [[nodiscard]] link_io write(const char* from, std::size_t size) noexcept;
  /// Octets that were read from the socket and are not read from here.
  [[nodiscard]] std::size_t pending() const noexcept;
  /// Why the last call has ended the connection, in one line.
  [[nodiscard]] std::string failure() const;

  // -- under BASP -----------------------------------------------------------------

  /// Leaves the socket to the caller, who closes it after the channel has gone. Detects hosts that
  /// vanish within 4 s from now on.
  [[nodiscard]] int hand_over(std::shared_ptr<observer> to) noexcept;
  /// As `read`; octets that the guard refuses end the channel.
  [[nodiscard]] link_io read_guarded(char* to, std::size_t size) noexcept;
  [[nodiscard]] link_io write_guarded(const char* from, std::size_t size) noexcept;
  /// Ends the connection in both directions, and tells the observer why, unless it has ended.
  void end(std::string_view reason) noexcept;

private:
  [[nodiscard]] link_io result_of(ssize_t n) noexcept;

  int socket_;
  bool owns_socket_ = true;
  bool has_ended_ = false;
  std::unique_ptr<tls_session> tls_;
  basp_guard guard_;
  int error_ = 0;
  std::shared_ptr<observer> observer_;
};

} // namespace sake::actors::nodes
