// Content that arrives from another node in pieces.
#pragma once

#include "../../http/content_stream.hpp"
#include "../../http/wire/octet_writer.hpp"
#include "frame.hpp"
#include "lane_output.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sake::actors::nodes {

/// Content that arrives from another node in pieces, and the octets that the node may still send:
/// as many as its reader takes. Belongs to one reactor.
class arriving_content {
public:
  /// @param room  sent before the reader takes the first octet
  explicit arriving_content(std::size_t room)
      : stream_(std::make_shared<http::content_stream>(stream_room)), room_(room) {}

  [[nodiscard]] const std::shared_ptr<http::content_stream>& stream() const noexcept {
    return stream_;
  }

  /// Counts `octets` that have come; push them into `stream` behind this.
  /// @returns false if the node was to send fewer
  [[nodiscard]] bool take(std::size_t octets) noexcept {
    if (octets > room_)
      return false;
    room_ -= octets;
    return true;
  }

  /// Lets the node send more, if that is worth a frame of the kind `room`.
  void give_room(lane_output& to, frame_kind room, std::uint64_t attempt) {
    const auto more = stream_->room() - std::min(stream_->room(), room_);
    if (more == 0 || (room_ != 0 && more < stream_room / 2))
      return;
    room_ += more;
    std::string octets;
    http::wire::octet_writer{octets}.u32(static_cast<std::uint32_t>(more));
    to.add(room, attempt, octets);
  }

private:
  std::shared_ptr<http::content_stream> stream_;
  std::size_t room_;
};

} // namespace sake::actors::nodes
