// The frames that nodes exchange, in envelopes.
#pragma once

#include "../../http/wire/octet_reader.hpp"
#include "../../http/wire/octet_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sake::actors::nodes {

/// The versions of frames that this node understands. Two nodes speak the highest that both do.
inline constexpr std::uint16_t min_version = 1;
inline constexpr std::uint16_t max_version = 1;

/// The kind of a frame. A node ignores kinds that it does not know: they are of a later version
/// that allows it.
///
/// An attempt is one try to have a request served, numbered by the node that tries. Its number is
/// never used again.
enum class frame_kind : std::uint32_t {
  // Between the memberships, on lane 0.
  ping = 1,     ///< u64 time of the sender, u32 its workers; answered by `pong`
  pong = 2,     ///< the same
  members = 3,  ///< the nodes that the sender knows: u32 count, for each text address
  draining = 4, ///< the sender begins no further work
  leaving = 5,  ///< the sender ends, and waits until the link is down

  // From the client node to the serving node.
  request = 16,       ///< a `remote_call`
  request_begin = 17, ///< u64 size of a `remote_call`, u64 id of its route; pieces follow
  request_piece = 18,
  cancel = 19, ///< the response is not wanted any more
  // The content of a request whose handler takes it as it arrives, once there is `request_room`.
  request_octets = 21,
  request_end = 22,   ///< the content is complete
  request_cut = 23,   ///< it never will be
  response_room = 20, ///< u32 octets: so many more of a response in pieces may be sent

  // And back.
  response = 32,       ///< a response in wire form
  response_begin = 33, ///< u64 size of a response in wire form; pieces follow
  response_piece = 34,
  not_begun = 35, ///< the handler will not begin: another node may run it
  /// The head of a response that a handler writes piece by piece: u8 whether its length is known,
  /// u64
  /// length, the head in wire form.
  response_open = 36,
  response_octets = 37,
  response_end = 38, ///< the content is complete
  response_cut = 39, ///< it never will be
  request_room = 40, ///< u32 octets: so many more of the content of a request may be sent

  window = 48, ///< u32 octets of pieces that were received, on this lane
};

/// A frame, with views of its envelope.
struct frame {
  frame_kind kind{};
  std::uint64_t attempt = 0;
  std::string_view content;
};

/// The octets of a message that travel in one frame; more travel in pieces.
inline constexpr std::size_t max_piece = 64 * 1024;
/// The octets of a response that a handler writes which may be sent before `response_room`.
inline constexpr std::size_t stream_room = 64 * 1024;
/// The octets of frames in one envelope; only a larger frame travels in a larger one.
inline constexpr std::size_t max_envelope = 256 * 1024;

/// Appends frames to a string: u64 attempt, u32 size, u32 kind, and the content, with numbers as
/// `octet_writer` has them.
class frame_writer {
public:
  static constexpr std::size_t head_bytes = 16;

  /// @param out  must outlive the writer; its content stays
  explicit frame_writer(std::string& out) noexcept : out_(out) {}

  void add(frame_kind kind, std::uint64_t attempt, std::string_view content = {}) {
    http::wire::octet_writer to{out_};
    to.u64(attempt);
    to.u32(static_cast<std::uint32_t>(content.size()));
    to.u32(static_cast<std::uint32_t>(kind));
    to.octets(content);
  }

private:
  std::string& out_;
};

/// Reads frames. Does not trust its octets.
class frame_reader {
public:
  explicit frame_reader(std::string_view octets) noexcept
      : from_(octets), is_empty_(octets.empty()) {}

  /// Returns the next frame; empty at the end, and if the octets are no frames.
  [[nodiscard]] std::optional<frame> next() noexcept {
    if (is_empty_)
      return std::nullopt;
    frame read;
    read.attempt = from_.u64();
    const std::size_t size = from_.u32();
    read.kind = static_cast<frame_kind>(from_.u32());
    read.content = from_.octets(size);
    is_empty_ = from_.is_at_end();
    if (from_.has_failed()) {
      is_empty_ = true;
      return std::nullopt;
    }
    return read;
  }
  /// Whether the octets end inside a frame.
  [[nodiscard]] bool has_failed() const noexcept { return from_.has_failed(); }

private:
  http::wire::octet_reader from_;
  bool is_empty_;
};

} // namespace sake::actors::nodes
