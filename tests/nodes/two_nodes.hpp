// Two nodes in one process.
#pragma once

#include "certificates.hpp"
#include "test_node.hpp"

#include <memory>
#include <string>

namespace sake::test {

/// Two nodes with certificates of one authority, or without certificates, of which one listens.
struct two_nodes {
  explicit two_nodes(bool has_tls) {
    if (has_tls) {
      trusted = std::make_unique<authority>();
      trusted->sign("node");
      settings = trusted->settings("node");
    }
    dialler = std::make_unique<test_node>(settings);
    auto listening = settings;
    listening.listen = "127.0.0.1:0";
    host = std::make_unique<test_node>(listening);
    address = host->listen();
  }

  std::unique_ptr<authority> trusted;
  actors::node_settings settings;
  std::unique_ptr<test_node> dialler;
  std::unique_ptr<test_node> host;
  std::string address;
};

} // namespace sake::test
