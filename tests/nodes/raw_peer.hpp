// A peer of a node that may break the rules.
#pragma once

#include <sake/actors/nodes/basp/link_channel.hpp>
#include <sake/actors/nodes/node_settings.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sake::test {

/// A connection to a node, on which the test may send any octets. Each wait ends after 20 s.
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
  /// Reads that many octets; fewer when the other side ends the connection.
  std::string read(std::size_t count);
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

/// The header of a message of BASP with `size` octets of content.
std::string basp_header(int operation, std::uint32_t size, int flags = 0, std::uint64_t sender = 0,
                        std::uint64_t receiver = 0);

} // namespace sake::test
