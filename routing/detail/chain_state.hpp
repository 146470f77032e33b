// How far a chain has come.
#pragma once

#include "open_layer.hpp"

#include <cstdint>
#include <vector>

namespace sake::routing::detail {

/// How far a chain has come, as far as its layers decide by what they do with their context.
struct chain_state {
  /// The state of the response as a stream.
  enum class streaming : std::uint8_t { no, open, failed, over };

  std::vector<open_layer> open;
  /// The layers that were open when the stream began.
  std::uint32_t stream_depth = 0;
  streaming stream = streaming::no;
  /// The content of the request is there, or its route takes it as it arrives.
  bool has_content = false;
  bool next_called = false;
  bool answered = false;
  bool aborted = false;
};

} // namespace sake::routing::detail
