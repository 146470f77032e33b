#include "certificates.hpp"

#include "support/process.hpp"

#include <fstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace sake::test {

namespace {

void openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  if (const auto done = run_process(arguments); done.status != 0)
    throw std::runtime_error("openssl: " + done.errors);
}

} // namespace

authority::authority() {
  openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-days", "3", "-keyout", path("ca.key"), "-out", own(), "-subj",
           "/CN=an authority of a test"});
}

void authority::sign(const std::string& name, const std::string& names, int days) const {
  const auto request = path(name + ".csr");
  const auto extensions = path(name + ".ext");
  std::ofstream{extensions} << "subjectAltName=" << names << '\n';
  openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
           key(name), "-out", request, "-subj", "/CN=" + name});
  const auto sign_with = [&](std::vector<std::string> dates) {
    std::vector<std::string> all{"x509",
                                 "-req",
                                 "-in",
                                 request,
                                 "-CA",
                                 own(),
                                 "-CAkey",
                                 path("ca.key"),
                                 "-CAcreateserial",
                                 "-out",
                                 certificate(name),
                                 "-extfile",
                                 extensions};
    all.insert(all.end(), dates.begin(), dates.end());
    openssl(all);
  };
  try {
    sign_with({"-days", std::to_string(days)});
  } catch (const std::runtime_error&) {
    if (days > 0)
      throw;
    // OpenSSL 3.4 and later want an end behind the beginning.
    sign_with({"-not_before", "20200101000000Z", "-not_after", "20200102000000Z"});
  }
}

std::string authority::certificate(const std::string& name) const {
  return path(name + ".crt");
}

std::string authority::key(const std::string& name) const {
  return path(name + ".key");
}

std::string authority::own() const {
  return path("ca.crt");
}

actors::node_settings authority::settings(const std::string& name) const {
  actors::node_settings made;
  made.certificate = certificate(name);
  made.key = key(name);
  made.authority = own();
  return made;
}

} // namespace sake::test
