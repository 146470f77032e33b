// The one message of CAF that crosses between nodes.
#pragma once

#include <caf/fwd.hpp>
#include <caf/meta/type_name.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace sake::actors::nodes {

/// An envelope as CAF carries it. The only message that nodes send each other.
struct envelope_message {
  static constexpr std::uint16_t current_version = 1;
  /// Octets of frames, so that the whole of it stays below the limit on one message of BASP.
  static constexpr std::size_t max_frames = 1024 * 1024 - 4096;

  std::uint16_t version = current_version;
  std::uint16_t lane = 0;
  std::uint32_t load = 0;
  std::string frames;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, envelope_message& what) {
  return f(caf::meta::type_name("sake::envelope"), what.version, what.lane, what.load, what.frames);
}

} // namespace sake::actors::nodes
