#include "line_protocol.hpp"

#include <algorithm>
#include <utility>

namespace sake::test {

namespace {

std::string start_of(std::uint64_t id) {
  return std::to_string(id) + ' ';
}

} // namespace

line_protocol::line_protocol(http::protocol_events& events, const line_settings& chosen)
    : events_(events),
      access_(events.access()),
      settings_(chosen),
      idle_due_(events.now() + chosen.idle) {}

// -- input --------------------------------------------------------------------------

std::string_view line_protocol::receive(std::string_view input) {
  is_receiving_ = true;
  for (std::size_t end = 0; state().accepts_input(); input.remove_prefix(end + 1)) {
    end = input.find('\n');
    if (end == std::string_view::npos)
      break;
    take(input.substr(0, end));
  }
  is_receiving_ = false;
  return input;
}

void line_protocol::take(std::string_view line) {
  ++lines;
  if (line == "ping") {
    put("pong", {});
  } else if (line == "<") {
    std::exchange(content_, {})->finish(http::content_stream::state::complete);
  } else if (line.starts_with('<')) {
    content_->push(line.substr(1));
    if (access_ != nullptr)
      access_->on_content(last_id_, line.size() - 1);
  } else {
    const bool has_content = line.ends_with(" <");
    begin(line.substr(0, line.size() - (has_content ? 2 : 0)), has_content);
  }
}

void line_protocol::begin(std::string_view path, bool has_content) {
  auto message = http::request::make(has_content ? "POST" : "GET", std::string{path});
  if (has_content)
    message.data().stream = content_ = std::make_shared<http::content_stream>(1000);
  last_id_ += last_id_ == 0 ? 1 : 2;
  requests_[last_id_].due = events_.now() + settings_.request;
  if (access_ != nullptr)
    access_->on_head(last_id_, message, "lines");
  events_.on_request(last_id_, std::move(message));
}

http::protocol::after_input line_protocol::finish_input() {
  input_done_ = true;
  if (content_ != nullptr)
    return after_input::nothing;
  for (auto& [id, each] : std::exchange(requests_, {}))
    if (each.by != nullptr)
      each.by->cancel(http::client_gone);
  return after_input::responses;
}

// -- output -------------------------------------------------------------------------

void line_protocol::put(std::string line, mark what) {
  what.octets = line.size() + 1;
  marks_.push_back(what);
  output_ += std::move(line) + '\n';
  if (!is_receiving_)
    events_.on_progress();
}

http::protocol_state line_protocol::encode(http::output& out, std::string_view) {
  auto now = state();
  if (out.size() >= settings_.ahead) {
    now.add_more(!output_.empty());
    return now;
  }
  const auto before = out.size();
  out.append(std::exchange(output_, {}));
  note_output(before);
  for (auto& [id, each] : requests_)
    if (std::exchange(each.is_full, false))
      each.by->on_room();
  return state();
}

// Tells observers of the lines that were encoded behind `ahead` octets.
void line_protocol::note_output(std::size_t ahead) {
  for (const auto& each : std::exchange(marks_, {})) {
    ahead += each.octets;
    if (access_ == nullptr)
      continue;
    if (each.status == 0)
      access_->on_interim(ahead);
    else
      access_->on_encoded(each.id, each.status, ahead);
    if (each.end)
      access_->on_end(each.id, *each.end);
  }
}

void line_protocol::refuse(const http::refusal& why) {
  input_done_ = true;
  events_.on_refusal(why, nullptr);
  const auto id = last_id_ + 1; // even: no request has it
  if (access_ != nullptr)
    access_->on_refused(id, "lines");
  put("refused " + std::to_string(why.status),
      {.id = id, .status = why.status, .end = http::access_outcome::sent});
}

void line_protocol::respond(std::uint64_t id, http::response&& answer) {
  if (const auto found = requests_.find(id); found != requests_.end())
    found->second.status = answer.status();
  end(id, std::to_string(answer.status()) + ' ' + std::string{answer.content()});
}

void line_protocol::begin_response(std::uint64_t id, http::response head, bool,
                                   http::response_observer& by) {
  const auto found = requests_.find(id);
  if (found == requests_.end())
    return;
  found->second.has_begun = true;
  found->second.by = &by;
  found->second.due = http::time_point::max();
  found->second.status = head.status();
  put(start_of(id) + std::to_string(head.status()) + " +", {.id = id, .status = head.status()});
}

http::write_result line_protocol::write(std::uint64_t id, std::string_view octets) {
  const auto found = requests_.find(id);
  if (found == requests_.end() || !found->second.has_begun)
    return http::write_result::closed;
  if (!octets.empty())
    put(start_of(id) + "+ " + std::string{octets}, {.id = id, .status = found->second.status});
  found->second.is_full = output_.size() >= settings_.ahead;
  return found->second.is_full ? http::write_result::would_block : http::write_result::ok;
}

void line_protocol::end_response(std::uint64_t id) {
  end(id, ".");
}

void line_protocol::cut_response(std::uint64_t id, http::response) {
  end(id, "!", http::access_outcome::cut_off);
}

void line_protocol::end(std::uint64_t id, std::string line, http::access_outcome outcome) {
  const auto found = requests_.find(id);
  if (found == requests_.end())
    return;
  const int status = found->second.status;
  requests_.erase(found);
  put(start_of(id) + std::move(line), {.id = id, .status = status, .end = outcome});
}

void line_protocol::observe(std::uint64_t id, http::response_observer* by) noexcept {
  if (const auto found = requests_.find(id); found != requests_.end() && !found->second.has_begun)
    found->second.by = by;
}

// -- life -----------------------------------------------------------------------------

http::protocol_state line_protocol::state() const noexcept {
  const bool is_idle = requests_.empty() && output_.empty();
  return http::protocol_state{{.accepts_input = !input_done_
                                                && requests_.size() < settings_.max_requests
                                                && output_.size() < settings_.ahead,
                               .is_idle = is_idle,
                               .is_fresh = lines == 0,
                               .is_over = is_idle && (input_done_ || (is_draining_ && lines > 0))}};
}

void line_protocol::abandon() {
  input_done_ = true;
  output_.clear();
  marks_.clear();
  for (auto& [id, each] : std::exchange(requests_, {}))
    if (each.by != nullptr)
      each.by->cancel(http::client_gone);
  if (const auto stream = std::exchange(content_, {}))
    stream->finish(http::content_stream::state::failed);
}

// -- deadlines ------------------------------------------------------------------------

void line_protocol::limit_time(std::uint64_t id, std::chrono::milliseconds patience) noexcept {
  if (const auto found = requests_.find(id); found != requests_.end())
    found->second.due = events_.now() + patience;
}

http::time_point line_protocol::due(bool is_blocked) noexcept {
  auto first = is_blocked || !requests_.empty() ? http::time_point::max() : idle_due_;
  for (const auto& [id, each] : requests_)
    first = std::min(first, each.due);
  return first;
}

http::protocol::expiry line_protocol::expire(http::time_point now) {
  for (auto& [id, each] : requests_) {
    if (each.due > now)
      continue;
    if (auto* const by = std::exchange(each.by, nullptr))
      by->cancel(504);
    else
      respond(id, http::response::text(504, "late"));
    return expiry::response;
  }
  return expiry::idle;
}

} // namespace sake::test
