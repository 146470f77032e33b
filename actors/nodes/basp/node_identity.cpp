#include "node_identity.hpp"

#include "../../reactor/log.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <new>
#include <string_view>

#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace sake::actors::nodes {

namespace {

struct credentials {
  std::shared_ptr<SSL_CTX> context;
  std::vector<std::string> problems;
};

/// Reads the files of a node into a context.
class credentials_reader {
public:
  explicit credentials_reader(const std::array<std::string, 3>& files)
      : certificate_(files[0]), key_(files[1]), authority_(files[2]) {
    result_.context.reset(SSL_CTX_new(TLS_method()), SSL_CTX_free);
    if (result_.context == nullptr)
      throw std::bad_alloc{};
  }

  credentials read() {
    set_rules();
    ERR_clear_error();
    read_certificate();
    read_key();
    read_authority();
    ERR_clear_error();
    return std::move(result_);
  }

private:
  SSL_CTX* context() const noexcept { return result_.context.get(); }

  void set_rules() {
    SSL_CTX_set_min_proto_version(context(), TLS1_3_VERSION);
    SSL_CTX_set_mode(context(), SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_ENABLE_PARTIAL_WRITE
                                    | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                                    | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(context(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_session_cache_mode(context(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context(), 0);
    // A key with a pass phrase must not have the process wait at a terminal.
    SSL_CTX_set_default_passwd_cb(context(), [](char*, int, int, void*) { return -1; });
  }

  void read_certificate() {
    if (!can_read("certificate", certificate_))
      return;
    if (SSL_CTX_use_certificate_chain_file(context(), certificate_.c_str()) != 1)
      return add("there is no certificate in PEM form in " + certificate_);
    const X509* const own = SSL_CTX_get0_certificate(context());
    if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0)
      add("the certificate in " + certificate_ + " has expired");
    else if (X509_cmp_current_time(X509_get0_notBefore(own)) > 0)
      add("the certificate in " + certificate_ + " is not valid yet");
  }

  void read_key() {
    if (!can_read("key", key_))
      return;
    // With a certificate in place, OpenSSL compares the key with it and refuses another.
    if (SSL_CTX_use_PrivateKey_file(context(), key_.c_str(), SSL_FILETYPE_PEM) == 1)
      return;
    const bool is_other = ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509;
    add(is_other ? "the key in " + key_ + " does not belong to the certificate in " + certificate_
                 : "there is no key in PEM form, without a pass phrase, in " + key_);
  }

  void read_authority() {
    if (!can_read("authority", authority_))
      return;
    if (SSL_CTX_load_verify_locations(context(), authority_.c_str(), nullptr) != 1)
      add("there is no certificate in PEM form in " + authority_);
  }

  bool can_read(std::string_view what, const std::string& path) {
    if (std::FILE* const file = std::fopen(path.c_str(), "re"); file != nullptr) {
      std::fclose(file);
      return true;
    }
    add("cannot read the " + std::string{what} + ' ' + path + ": " + std::strerror(errno));
    return false;
  }

  void add(std::string problem) { result_.problems.push_back(std::move(problem)); }

  const std::string& certificate_;
  const std::string& key_;
  const std::string& authority_;
  credentials result_;
};

std::array<std::string, 3> files_of(const node_settings& settings) {
  return {settings.certificate, settings.key, settings.authority};
}

} // namespace

node_identity::node_identity(const node_settings& settings) : files_(files_of(settings)) {}

std::vector<std::string> node_identity::check(const node_settings& settings) {
  if (!settings.has_tls())
    return {};
  const auto files = files_of(settings);
  return credentials_reader{files}.read().problems;
}

std::shared_ptr<ssl_ctx_st> node_identity::current() {
  if (const auto now = versions_now(); !has_read_ || now != read_) {
    read_ = now;
    has_read_ = true;
    load();
  }
  return context_;
}

node_identity::versions node_identity::versions_now() const noexcept {
  versions found;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    struct stat about {};
    if (::stat(files_[i].c_str(), &about) == 0)
      found[i] = {about.st_dev, about.st_ino, about.st_size, about.st_mtim};
  }
  return found;
}

void node_identity::load() {
  auto next = credentials_reader{files_}.read();
  if (next.problems.empty())
    context_ = std::move(next.context);
  for (const auto& problem : next.problems)
    log_event(log_level::warning, "cannot use the certificate of this node",
              {{"reason", problem}, {"keeps_the_last", context_ != nullptr}});
}

} // namespace sake::actors::nodes
