#include "tls_session.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <new>

#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace sake::actors::nodes {

namespace {

// -- OpenSSL's own access to sockets raises SIGPIPE, so this one stands in its place -------------

int socket_of(BIO* through) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(through)));
}

bool would_block() {
  return errno == EAGAIN || errno == EINTR;
}

int write_socket(BIO* through, const char* from, int size) {
  BIO_clear_retry_flags(through);
  const auto n =
      ::send(socket_of(through), from, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && would_block())
    BIO_set_retry_write(through);
  return static_cast<int>(n);
}

int read_socket(BIO* through, char* to, int size) {
  BIO_clear_retry_flags(through);
  const auto n = ::recv(socket_of(through), to, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (n < 0 && would_block())
    BIO_set_retry_read(through);
  return static_cast<int>(n);
}

long control_socket(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_socket_method() {
  BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
  if (made == nullptr)
    throw std::bad_alloc{};
  BIO_meth_set_write(made, write_socket);
  BIO_meth_set_read(made, read_socket);
  BIO_meth_set_ctrl(made, control_socket);
  return made;
}

BIO* make_bio(int socket) {
  // Stays until the process ends.
  static const BIO_METHOD* const method = make_socket_method();
  BIO* const made = BIO_new(method);
  if (made == nullptr)
    throw std::bad_alloc{};
  BIO_set_data(made, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(made, 1);
  return made;
}

} // namespace

void tls_session::free_session::operator()(ssl_st* session) const noexcept {
  SSL_free(session);
}

tls_session::tls_session(ssl_ctx_st& context, int socket) : session_(SSL_new(&context)) {
  if (session_ == nullptr)
    throw std::bad_alloc{};
  BIO* const both = make_bio(socket);
  SSL_set_bio(session_.get(), both, both);
}

std::unique_ptr<tls_session> tls_session::accept(ssl_ctx_st& context, int socket) {
  std::unique_ptr<tls_session> made{new tls_session(context, socket)};
  SSL_set_accept_state(made->session_.get());
  return made;
}

std::unique_ptr<tls_session> tls_session::connect(ssl_ctx_st& context, int socket,
                                                  const std::string& host) {
  std::unique_ptr<tls_session> made{new tls_session(context, socket)};
  SSL* const session = made->session_.get();
  SSL_set_connect_state(session);
  ERR_clear_error();
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1)
    return made;
  ERR_clear_error();
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // As SSL_set_tlsext_host_name, a macro with a cast of C.
  const long is_set = SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                               const_cast<char*>(host.c_str()));
  if (SSL_set1_host(session, host.c_str()) != 1 || is_set != 1)
    throw std::bad_alloc{};
  return made;
}

link_io tls_session::shake_hands() noexcept {
  ERR_clear_error();
  return result_of(SSL_do_handshake(session_.get()));
}

link_io tls_session::read(char* to, std::size_t size) noexcept {
  ERR_clear_error();
  std::size_t n = 0;
  const int result = SSL_read_ex(session_.get(), to, size, &n);
  return result == 1 ? link_io{link_io::outcome::done, n} : result_of(result);
}

link_io tls_session::write(const char* from, std::size_t size) noexcept {
  ERR_clear_error();
  std::size_t n = 0;
  const int result = SSL_write_ex(session_.get(), from, size, &n);
  return result == 1 ? link_io{link_io::outcome::done, n} : result_of(result);
}

std::size_t tls_session::pending() const noexcept {
  return static_cast<std::size_t>(std::max(SSL_pending(session_.get()), 0));
}

link_io tls_session::result_of(int result) noexcept {
  if (result == 1)
    return {};
  const int error = SSL_get_error(session_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
    return {link_io::outcome::waits};
  try {
    failure_ = describe_failure();
  } catch (const std::bad_alloc&) {
    // It ends without a reason.
  }
  ERR_clear_error();
  return {link_io::outcome::ended};
}

std::string tls_session::describe_failure() const {
  if (const long checked = SSL_get_verify_result(session_.get()); checked != X509_V_OK)
    return std::string{"its certificate is refused: "} + X509_verify_cert_error_string(checked);
  const auto error = ERR_peek_error();
  const char* const reason = error != 0 ? ERR_reason_error_string(error) : nullptr;
  if (reason == nullptr || ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return "it has closed the connection";
  return std::string{"TLS failed: "} + reason;
}

} // namespace sake::actors::nodes
