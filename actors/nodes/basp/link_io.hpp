// The result of one read or write of a link.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sake::actors::nodes {

/// The result of one read, write, or step of a handshake that does not block.
struct link_io {
  enum class outcome : std::uint8_t {
    done,  ///< `octets` were read or written
    waits, ///< not before the socket is ready again
    ended, ///< the connection has ended or failed
  };
  outcome what = outcome::done;
  std::size_t octets = 0;
};

} // namespace sake::actors::nodes
