#include "lane_output.hpp"

#include "../../http/wire/octet_writer.hpp"

#include <algorithm>
#include <utility>

namespace sake::actors::nodes {

void lane_output::cut() noexcept {
  if (link_ != nullptr)
    link_->cut();
}

void lane_output::add(frame_kind kind, std::uint64_t attempt, std::string_view content) {
  if (!frames_.empty() && frames_.size() + content.size() > max_envelope)
    send(std::exchange(frames_, {}));
  frame_writer{frames_}.add(kind, attempt, content);
  home_.flush_later(*this);
}

void lane_output::add_message(const message_kinds& kinds, std::uint64_t attempt,
                              std::string message, std::string_view about) {
  if (message.size() <= max_piece) {
    add(kinds.whole, attempt, message);
    return;
  }
  std::string begin;
  http::wire::octet_writer to{begin};
  to.u64(message.size());
  to.octets(about);
  add(kinds.begin, attempt, begin);
  long_.push_back({kinds.piece, attempt, std::move(message)});
}

bool lane_output::has_pieces(frame_kind kind, std::uint64_t attempt) const noexcept {
  return std::ranges::any_of(long_, [&](const long_message& each) {
    return each.piece == kind && each.attempt == attempt;
  });
}

void lane_output::drop_pieces(frame_kind kind, std::uint64_t attempt) noexcept {
  std::erase_if(long_, [&](const long_message& each) {
    return each.piece == kind && each.attempt == attempt;
  });
}

bool lane_output::on_window(std::size_t octets) {
  if (octets > under_way_)
    return false;
  under_way_ -= octets;
  if (!long_.empty())
    home_.flush_later(*this);
  return true;
}

void lane_output::flush() {
  if (link_ == nullptr)
    return; // the frames wait for the link
  send_pieces();
  if (!frames_.empty())
    send(std::exchange(frames_, {}));
}

void lane_output::send_pieces() {
  while (!long_.empty() && under_way_ < window_) {
    auto next = std::move(long_.front());
    long_.pop_front();
    const auto size = std::min({max_piece, window_ - under_way_, next.octets.size() - next.sent});
    if (!frames_.empty() && frames_.size() + size > max_envelope)
      send(std::exchange(frames_, {}));
    frame_writer{frames_}.add(next.piece, next.attempt,
                              std::string_view{next.octets}.substr(next.sent, size));
    under_way_ += size;
    next.sent += size;
    if (next.sent < next.octets.size())
      long_.push_back(std::move(next));
  }
}

void lane_output::send(std::string frames) {
  if (link_ != nullptr)
    link_->send({lane_, load_(), std::move(frames)});
}

} // namespace sake::actors::nodes
