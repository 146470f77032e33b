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
  append(kind, attempt, content);
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

// -- content that is written piece by piece ---------------------------------------------

void lane_output::open_stream(stream_id which, std::size_t room, std::function<void()> drained) {
  streams_.try_emplace(which, stream{room, std::move(drained)});
}

std::size_t lane_output::write(stream_id which, std::string_view octets) {
  const auto at = streams_.find(which);
  if (at == streams_.end())
    return 0;
  auto& to = at->second;
  if (!octets.empty()) {
    to.waiting += octets;
    home_.flush_later(*this);
  }
  return to.waiting.size() - to.sent;
}

void lane_output::add_room(stream_id which, std::size_t octets) {
  const auto at = streams_.find(which);
  if (at == streams_.end())
    return;
  at->second.room += octets;
  home_.flush_later(*this);
}

void lane_output::end_stream(stream_id which, frame_kind last) {
  const auto at = streams_.find(which);
  if (at == streams_.end())
    return;
  at->second.last = last;
  at->second.drained = {};
  home_.flush_later(*this);
}

// -- sending ----------------------------------------------------------------------------

bool lane_output::on_window(std::size_t octets) {
  if (octets > under_way_)
    return false;
  under_way_ -= octets;
  if (!long_.empty() || !streams_.empty())
    home_.flush_later(*this);
  return true;
}

void lane_output::flush() {
  if (link_ == nullptr)
    return; // the frames wait for the link
  if (!long_.empty())
    send_pieces();
  if (!streams_.empty())
    send_stream_pieces();
  if (!frames_.empty())
    send(std::exchange(frames_, {}));
}

void lane_output::append(frame_kind kind, std::uint64_t attempt, std::string_view content) {
  if (!frames_.empty() && frames_.size() + content.size() > max_envelope)
    send(std::exchange(frames_, {}));
  frame_writer{frames_}.add(kind, attempt, content);
}

void lane_output::append_piece(frame_kind kind, std::uint64_t attempt, std::string_view octets) {
  append(kind, attempt, octets);
  under_way_ += octets.size();
}

void lane_output::send_pieces() {
  while (!long_.empty() && under_way_ < window_) {
    auto next = std::move(long_.front());
    long_.pop_front();
    const auto size = std::min({max_piece, window_ - under_way_, next.octets.size() - next.sent});
    append_piece(next.piece, next.attempt, std::string_view{next.octets}.substr(next.sent, size));
    next.sent += size;
    if (next.sent < next.octets.size())
      long_.push_back(std::move(next));
  }
}

// Each stream has its turn, one piece at a time, from the one behind the last.
void lane_output::send_stream_pieces() {
  for (auto idle = std::size_t{0}; idle < streams_.size();) {
    auto at = streams_.upper_bound(last_stream_);
    if (at == streams_.end())
      at = streams_.begin();
    last_stream_ = at->first;
    auto& of = at->second;
    idle = send_piece_of(of, at->first) ? 0 : idle + 1;
    if (!of.waiting.empty())
      continue;
    if (of.last) {
      append(*of.last, at->first.attempt, {});
      streams_.erase(at);
      idle = 0;
    } else if (const auto drained = of.drained; drained && idle == 0) {
      drained();
    }
  }
}

// Returns whether there was something to send.
bool lane_output::send_piece_of(stream& of, stream_id which) {
  const auto free = window_ > under_way_ ? window_ - under_way_ : 0;
  const auto size = std::min({max_piece, free, of.room, of.waiting.size() - of.sent});
  if (size == 0)
    return false;
  append_piece(which.octets, which.attempt, std::string_view{of.waiting}.substr(of.sent, size));
  of.room -= size;
  of.sent += size;
  if (of.sent == of.waiting.size()) {
    of.waiting.clear();
    of.sent = 0;
  }
  return true;
}

void lane_output::send(std::string frames) {
  if (link_ != nullptr)
    link_->send({lane_, load_(), std::move(frames)});
}

} // namespace sake::actors::nodes
