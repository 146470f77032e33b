// Certificates for tests, made by the command `openssl`.
#pragma once

#include "support/scratch_folder.hpp"

#include <sake/actors/nodes/node_settings.hpp>

#include <string>

namespace sake::test {

/// An authority, and the certificates that it has signed, in a folder of their own.
class authority {
public:
  authority();

  /// Makes a certificate with its key, in place of another of this name.
  /// @param names  its subject alternative names, as in "IP:127.0.0.1,DNS:localhost"
  /// @param days  until it expires; below 0: it has expired
  void sign(const std::string& name, const std::string& names = "IP:127.0.0.1,IP:::1,DNS:localhost",
            int days = 2) const;

  [[nodiscard]] std::string certificate(const std::string& name) const;
  [[nodiscard]] std::string key(const std::string& name) const;
  [[nodiscard]] std::string own() const;

  /// Settings of a node that shows the certificate `name`, and trusts this authority.
  [[nodiscard]] actors::node_settings settings(const std::string& name) const;

private:
  [[nodiscard]] std::string path(const std::string& file) const { return folder_.path / file; }

  scratch_folder folder_;
};

} // namespace sake::test
