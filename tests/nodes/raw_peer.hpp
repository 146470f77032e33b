// A peer of a node that need not keep the rules.
#pragma once

#include <sake/actors/nodes/basp/link_channel.hpp>
#include <sake/actors/nodes/node_settings.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sake::test {

/// A connection to a node, on which the test sends what it likes. Each wait ends after 20 s.
class raw_peer {
public:
  /// Connects, and shakes hands by TLS if `settings` has certificates.
  raw_peer(const std::string& address, const actors::node_settings& settings);
  ~raw_peer();

  /// Sends until the other side takes no more.
  void send(std::string_view octets);
  /// Introduces itself, and reads the answer.
  /// @returns whether there was one
  bool introduce();
  /// Ends this direction.
  void half_close();
  /// Ends the connection at once, with a reset.
  void reset();
  /// Reads until the other side ends the connection.
  /// @returns false when it does not
  bool await_end();

private:
  bool await_socket(bool writable);

  std::shared_ptr<ssl_ctx_st> context_;
  std::unique_ptr<actors::nodes::link_channel> channel_;
};

/// A message of BASP, without its content.
std::string basp_header(int operation, std::uint32_t size);

} // namespace sake::test
