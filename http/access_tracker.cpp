#include "access_tracker.hpp"

#include "request_id.hpp"
#include "response_port.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace sake::http {

namespace {
constexpr std::size_t kept_entries = 2;
} // namespace

access_tracker::access_tracker(const access_observers& observers, http::peer peer,
                               std::uint64_t connection, std::function<time_point()> clock)
    : observers_(observers), peer_(peer), connection_(connection), clock_(std::move(clock)) {}

access_tracker::entry* access_tracker::find(std::uint64_t id) noexcept {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [id](const auto& each) { return each.id == id; });
  return found != entries_.end() ? &*found : nullptr;
}

access_tracker::entry& access_tracker::add(std::uint64_t id, std::string_view protocol) {
  entry& added = entries_.emplace_back();
  added.id = id;
  added.record.protocol = protocol;
  added.record.peer = peer_;
  added.record.begun = clock_();
  return added;
}

void access_tracker::drop(std::uint64_t id) noexcept {
  std::erase_if(entries_, [id](const auto& each) { return each.id == id; });
}

// -- calls of the protocol ------------------------------------------------------------

void access_tracker::on_head(std::uint64_t id, const request& message,
                             std::string_view protocol) noexcept {
  if (is_closed_)
    return;
  try {
    entry& added = add(id, protocol);
    added.request_id = request_id(message);
    added.method = message.method_token();
    added.target = message.target();
  } catch (const std::bad_alloc&) {
    drop(id);
  }
}

void access_tracker::on_content(std::uint64_t id, std::size_t octets) noexcept {
  if (entry* const found = find(id))
    found->record.received += octets;
}

void access_tracker::on_refused(std::uint64_t id, std::string_view protocol) noexcept {
  if (is_closed_ || find(id) != nullptr)
    return;
  try {
    add(id, protocol);
  } catch (const std::bad_alloc&) {
    drop(id);
  }
}

void access_tracker::on_encoded(std::uint64_t id, int status, std::size_t ahead) noexcept {
  const std::uint64_t end = taken_ + ahead;
  const std::uint64_t begin = std::exchange(encoded_, end);
  entry* const found = find(id);
  if (found == nullptr || begin == end)
    return;
  // The protocol itself made the response if it was given none.
  if (found->answered == time_point::max())
    found->answered = clock_();
  found->record.status = status;
  found->waiting += end - begin;
  if (!pieces_.empty() && pieces_.back().id == id && pieces_.back().end == begin) {
    pieces_.back().end = end;
    return;
  }
  try {
    pieces_.push_back({id, begin, end});
  } catch (const std::bad_alloc&) {
    drop(id);
  }
}

void access_tracker::on_end(std::uint64_t id, access_outcome outcome) noexcept {
  entry* const found = find(id);
  if (found == nullptr)
    return;
  found->is_ended = true;
  found->record.outcome = outcome;
  if (found->waiting == 0)
    tell(*found, found->record.sent > 0 ? found->last_taken : clock_());
  release();
}

// -- calls of the connection ------------------------------------------------------------

void access_tracker::on_answer(std::uint64_t id) noexcept {
  if (entry* const found = find(id); found != nullptr && found->record.status == 0)
    found->answered = clock_();
}

void access_tracker::on_route(std::uint64_t id, std::string_view name,
                              std::string_view pattern) noexcept {
  if (entry* const found = find(id)) {
    found->record.route_name = name;
    found->record.route_pattern = pattern;
  }
}

void access_tracker::on_taken(std::size_t octets) noexcept {
  taken_ += octets;
  if (pieces_.empty() || pieces_.front().begin >= taken_)
    return;
  const auto now = clock_();
  std::size_t through = 0;
  for (piece& each : pieces_) {
    if (each.begin >= taken_)
      break;
    const auto end = std::min(each.end, taken_);
    take_from(each, end - each.begin, now);
    each.begin = end;
    through += each.begin == each.end ? 1 : 0;
  }
  pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(through));
  release();
}

// An idle connection holds little memory.
void access_tracker::release() noexcept {
  if (!entries_.empty() || !pieces_.empty() || entries_.capacity() <= kept_entries)
    return;
  std::vector<entry>{}.swap(entries_);
  std::vector<piece>{}.swap(pieces_);
}

void access_tracker::take_from(const piece& which, std::uint64_t octets, time_point now) noexcept {
  entry* const found = find(which.id);
  if (found == nullptr)
    return;
  found->record.sent += octets;
  found->waiting -= octets;
  found->last_taken = now;
  if (found->is_ended && found->waiting == 0)
    tell(*found, now);
}

void access_tracker::on_close(access_outcome outcome) noexcept {
  is_closed_ = true;
  pieces_.clear();
  while (!entries_.empty()) {
    entry& next = entries_.front();
    // A response that the server has cut off stays that, even if its client leaves as well.
    if (!next.is_ended || next.record.outcome == access_outcome::sent)
      next.record.outcome = outcome;
    tell(next, clock_());
  }
}

// Tells of `which`, and removes it.
void access_tracker::tell(entry& which, time_point end) noexcept {
  const entry ended = std::move(which);
  entries_.erase(entries_.begin() + (&which - entries_.data()));
  std::string own_id;
  if (ended.request_id.empty()) {
    try {
      own_id = std::to_string(connection_) + '-' + std::to_string(ended.id);
    } catch (const std::bad_alloc&) {
      return;
    }
  }
  access_record record = ended.record;
  record.request_id = own_id.empty() ? ended.request_id : own_id;
  record.method = ended.method;
  record.target = ended.target;
  if (record.sent == 0 && record.outcome != access_outcome::sent)
    record.status = client_gone;
  record.until_response = std::min(ended.answered, end) - record.begun;
  record.until_end = end - record.begun;
  for (const auto& each : observers_)
    each->on_response(record);
}

} // namespace sake::http
