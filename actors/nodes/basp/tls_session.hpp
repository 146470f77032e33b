// TLS 1.3 over one socket.
#pragma once

#include "link_io.hpp"

#include <cstddef>
#include <memory>
#include <string>

struct ssl_st;
struct ssl_ctx_st;

namespace sake::actors::nodes {

/// TLS 1.3 over one socket that does not block. Never raises SIGPIPE. One thread at a time.
class tls_session {
public:
  /// Accepts the handshake of another node.
  /// @param socket  borrowed
  [[nodiscard]] static std::unique_ptr<tls_session> accept(ssl_ctx_st& context, int socket);
  /// Begins a handshake. The certificate of the other node must be for `host`, an address or a
  /// name.
  [[nodiscard]] static std::unique_ptr<tls_session> connect(ssl_ctx_st& context, int socket,
                                                            const std::string& host);

  [[nodiscard]] link_io shake_hands() noexcept;
  [[nodiscard]] link_io read(char* to, std::size_t size) noexcept;
  /// After `waits`, must be called with the same octets again.
  [[nodiscard]] link_io write(const char* from, std::size_t size) noexcept;
  /// Octets that were read from the socket and are not read from here.
  [[nodiscard]] std::size_t pending() const noexcept;

  /// Why the last call has ended the session, in one line.
  [[nodiscard]] std::string failure() const { return failure_; }

private:
  struct free_session {
    void operator()(ssl_st* session) const noexcept;
  };

  tls_session(ssl_ctx_st& context, int socket);
  link_io result_of(int result) noexcept;
  [[nodiscard]] std::string describe_failure() const;

  std::unique_ptr<ssl_st, free_session> session_;
  std::string failure_;
};

} // namespace sake::actors::nodes
