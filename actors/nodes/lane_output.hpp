// The frames that one reactor sends to another node.
#pragma once

#include "../reactor/reactor.hpp"
#include "frame.hpp"
#include "network.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sake::actors::nodes {

/// The frames of one lane of a link, collected until the end of the turn: short frames first, then
/// pieces of long messages, in turn, as many as the window allows. Belongs to its reactor.
class lane_output final : private reactor::flushable {
public:
  /// @param load  the tasks of this node, told with each envelope
  lane_output(reactor& home, std::uint16_t lane, std::size_t window,
              const std::function<std::uint32_t()>& load) noexcept
      : home_(home), lane_(lane), window_(window), load_(load) {}
  lane_output(const lane_output&) = delete;
  lane_output& operator=(const lane_output&) = delete;
  ~lane_output() override { home_.forget(*this); }

  /// Sends over `to` from now on.
  void open(std::shared_ptr<link> to) noexcept { link_ = std::move(to); }
  [[nodiscard]] bool is_open() const noexcept { return link_ != nullptr; }
  [[nodiscard]] time_point now() const noexcept { return home_.exact_now(); }
  /// Ends the link: the peer has broken the rules.
  void cut() noexcept;

  void add(frame_kind kind, std::uint64_t attempt, std::string_view content = {});

  /// The three kinds of a message that may be long.
  struct message_kinds {
    frame_kind whole, begin, piece;
  };
  /// Adds `message` whole, or its beginning, with `about` behind its size, and then its pieces.
  void add_message(const message_kinds& kinds, std::uint64_t attempt, std::string message,
                   std::string_view about = {});
  /// Whether pieces of a message are still to be sent.
  [[nodiscard]] bool has_pieces(frame_kind kind, std::uint64_t attempt) const noexcept;
  /// Sends no further piece of a message.
  void drop_pieces(frame_kind kind, std::uint64_t attempt) noexcept;

  // Content that is written piece by piece: `room` limits how far the writer is ahead of its
  // reader.

  /// A stream: the kind of its frames, and its attempt.
  struct stream_id {
    frame_kind octets;
    std::uint64_t attempt;
    friend auto operator<=>(const stream_id&, const stream_id&) = default;
  };
  /// @param room  the octets that may be sent before `add_room`
  /// @param drained  called, in a turn, once all written octets have been sent
  void open_stream(stream_id which, std::size_t room, std::function<void()> drained);
  /// @returns the octets that wait, these included
  std::size_t write(stream_id which, std::string_view octets);
  /// The reader takes `octets` more.
  void add_room(stream_id which, std::size_t octets);
  /// Sends `last` behind the written octets, and closes the stream.
  void end_stream(stream_id which, frame_kind last);
  void drop_stream(stream_id which) noexcept { streams_.erase(which); }

  /// The peer has received `octets` of pieces.
  /// @returns false if it was sent fewer
  [[nodiscard]] bool on_window(std::size_t octets);

private:
  struct long_message {
    frame_kind piece;
    std::uint64_t attempt;
    std::string octets;
    std::size_t sent = 0;
  };

  struct stream {
    std::size_t room;
    std::function<void()> drained;
    std::string waiting{};
    std::size_t sent = 0;
    std::optional<frame_kind> last{};
  };
  using streams = std::map<stream_id, stream>;

  void flush() override;
  void send_pieces();
  void send_stream_pieces();
  [[nodiscard]] bool send_piece_of(stream& of, stream_id which);
  void append(frame_kind kind, std::uint64_t attempt, std::string_view content);
  void append_piece(frame_kind kind, std::uint64_t attempt, std::string_view octets);
  void send(std::string frames);

  reactor& home_;
  const std::uint16_t lane_;
  const std::size_t window_;
  const std::function<std::uint32_t()>& load_;
  std::shared_ptr<link> link_;
  std::string frames_;
  std::deque<long_message> long_;
  streams streams_;
  /// The stream that had its turn last.
  stream_id last_stream_{};
  /// Octets of pieces that the peer has not confirmed.
  std::size_t under_way_ = 0;
};

} // namespace sake::actors::nodes
