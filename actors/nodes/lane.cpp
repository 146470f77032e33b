#include "lane.hpp"

#include "../../http/wire/octet_reader.hpp"
#include "../../http/wire/octet_writer.hpp"
#include "../reactor/log.hpp"

#include <string>
#include <utility>

namespace sake::actors::nodes {

void lane::receive(std::string_view frames) {
  frame_reader from{frames};
  bool is_good = true;
  while (const auto next = from.next())
    if (!(is_good = take(*next)))
      break;
  if (!is_good || from.has_failed()) {
    log_event(log_level::error, "a node breaks the rules, so its link is cut",
              {{"node", peer_->facts().name}, {"address", peer_->facts().address}});
    out_.cut();
    return;
  }
  if (const auto received = std::exchange(received_, 0); received != 0) {
    std::string octets;
    http::wire::octet_writer{octets}.u32(received);
    out_.add(frame_kind::window, 0, octets);
  }
}

bool lane::take(const frame& what) {
  if (what.kind == frame_kind::request_piece || what.kind == frame_kind::response_piece
      || what.kind == frame_kind::response_octets || what.kind == frame_kind::request_octets)
    received_ += static_cast<std::uint32_t>(what.content.size());
  switch (what.kind) {
    case frame_kind::request:
    case frame_kind::request_begin:
    case frame_kind::request_piece:
    case frame_kind::cancel:
    case frame_kind::response_room:
    case frame_kind::request_octets:
    case frame_kind::request_end:
    case frame_kind::request_cut:
      return serving().on_frame(what);
    case frame_kind::response:
    case frame_kind::response_begin:
    case frame_kind::response_piece:
    case frame_kind::not_begun:
    case frame_kind::response_open:
    case frame_kind::response_octets:
    case frame_kind::response_end:
    case frame_kind::response_cut:
    case frame_kind::request_room:
      return client_.on_frame(what);
    case frame_kind::window:
      return out_.on_window(http::wire::octet_reader{what.content}.u32());
    default: // or of a later version
      if (what.kind < frame_kind::request && control_ != nullptr)
        control_->on_control(*peer_, what);
      return true;
  }
}

} // namespace sake::actors::nodes
