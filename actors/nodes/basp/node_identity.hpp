// The certificate of this node, and the authorities that it trusts.
#pragma once

#include "../node_settings.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

struct ssl_ctx_st;

namespace sake::actors::nodes {

/// The certificate and the key of this node, and the authorities that it trusts. Both sides of a
/// handshake show a certificate. Not safe from several threads.
class node_identity {
public:
  /// @param settings  name the files; `has_tls` must be true
  explicit node_identity(const node_settings& settings);

  /// Returns why nodes cannot use the files of `settings` now, one line per problem; empty: they
  /// can, or TLS is off.
  [[nodiscard]] static std::vector<std::string> check(const node_settings& settings);

  /// Returns a context for TLS 1.3 with the files as they are now. Reads them again if they have
  /// changed since the last call. If they have become bad, returns the last good context, and logs
  /// each problem, once per change. Sessions keep the context that they began with.
  /// @returns null when the files were never good
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> current();

private:
  /// Tells versions of a file apart.
  struct version {
    dev_t device = 0;
    ino_t file = 0;
    off_t size = 0;
    timespec changed{};

    friend bool operator==(const version& a, const version& b) noexcept {
      return a.device == b.device && a.file == b.file && a.size == b.size
             && a.changed.tv_sec == b.changed.tv_sec && a.changed.tv_nsec == b.changed.tv_nsec;
    }
  };
  using versions = std::array<version, 3>;

  [[nodiscard]] versions versions_now() const noexcept;
  void load();

  /// certificate, key, authority
  std::array<std::string, 3> files_;
  versions read_;
  bool has_read_ = false;
  std::shared_ptr<ssl_ctx_st> context_;
};

} // namespace sake::actors::nodes
