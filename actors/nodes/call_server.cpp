#include "call_server.hpp"

#include "../../http/detail/read_part.hpp"
#include "../../http/limits.hpp"
#include "../../http/method.hpp"
#include "../../http/status.hpp"
#include "../../http/wire/message.hpp"
#include "../../http/wire/octet_reader.hpp"
#include "../../http/wire/octet_writer.hpp"
#include "../../routing/remote_call.hpp"
#include "../reactor/detail/element.hpp"
#include "../reactor/detail/failure.hpp"
#include "../reactor/detail/reject.hpp"
#include "../reactor/log.hpp"
#include "../reactor/messages.hpp"
#include "../request/exchange.hpp"

#include <charconv>
#include <string>
#include <utility>
#include <variant>

namespace sake::actors::nodes {

namespace {

constexpr lane_output::message_kinds response_kinds{
    frame_kind::response, frame_kind::response_begin, frame_kind::response_piece};

// The octets of a call beside the content of its request: fields, parameters and values.
constexpr std::uint64_t max_call_head = std::uint64_t{1} << 20;

// Cancelled requests that may still be under way: their handlers have not ended yet, or wait for a
// worker that drops them.
constexpr std::size_t max_cancelled = 4096;

} // namespace

call_server::~call_server() = default;

void call_server::served::expired(time_point) {
  if (by != nullptr)
    by->cancel(504);
}

// -- requests -------------------------------------------------------------------------

bool call_server::on_frame(const frame& what) {
  switch (what.kind) {
    case frame_kind::request:
      return serve(what.attempt, what.content);
    case frame_kind::request_begin:
      return begin_arrival(what);
    case frame_kind::request_piece:
      return on_piece(what);
    case frame_kind::cancel:
      cancel(what.attempt);
      return true;
    case frame_kind::response_room:
      out_->add_room({frame_kind::response_octets, what.attempt},
                     http::wire::octet_reader{what.content}.u32());
      return true;
    case frame_kind::request_octets:
      return on_content(what);
    case frame_kind::request_end:
      end_content(what.attempt, http::content_stream::state::complete);
      return true;
    case frame_kind::request_cut:
      end_content(what.attempt, http::content_stream::state::failed);
      return true;
    default:
      return false;
  }
}

bool call_server::begin_arrival(const frame& what) {
  http::wire::octet_reader from{what.content};
  const auto size = from.u64();
  const auto route = shard_.routes().find_id(from.u64());
  if (!from.is_at_end() || size <= max_piece || arriving_.size() >= max_
      || arriving_.contains(what.attempt))
    return false;
  const auto& all = shard_.routes().endpoints();
  const auto most = route && all[*route].content_bytes ? *all[*route].content_bytes
                                                       : shard_.settings().limits.content_bytes;
  if (!route || size > most + max_call_head)
    out_->add(frame_kind::not_begun, what.attempt);
  else
    arriving_[what.attempt].size = size;
  return true;
}

bool call_server::on_piece(const frame& what) {
  const auto at = arriving_.find(what.attempt);
  if (at == arriving_.end())
    return true; // not taken, or called off
  auto& arriving = at->second;
  if (!arriving.add(what.content))
    return false;
  if (!arriving.is_whole())
    return true;
  const auto whole = std::move(arriving.octets);
  arriving_.erase(at);
  return serve(what.attempt, whole);
}

bool call_server::serve(std::uint64_t attempt, std::string_view octets) {
  if (served_.size() - cancelled_ >= max_ || ids_.contains(attempt))
    return false;
  if (is_draining_ || cancelled_ >= max_cancelled) {
    out_->add(frame_kind::not_begun, attempt);
    return true;
  }
  auto call = routing::decode_remote_call(octets, shard_.routes());
  if (!call) {
    log_event(log_level::warning, "the call of another node is refused",
              {{"reason", call.error().reason}});
    if (call.error() == routing::remote_call_errors::no_remote_route) {
      out_->add(frame_kind::not_begun, attempt);
      return true;
    }
    return false;
  }
  const auto id = ++last_id_;
  const auto& endpoint = shard_.routes().endpoints()[call->endpoint];
  auto& added = served_.try_emplace(id, *this).first->second;
  added.attempt = attempt;
  added.is_head = call->request.method() == http::method::head;
  ids_.emplace(attempt, id);
  if (call->content_follows) {
    const auto& stream = contents_.try_emplace(attempt, 0).first->second.stream();
    stream->on_room([this, attempt] {
      if (const auto at = contents_.find(attempt); at != contents_.end() && out_ != nullptr)
        at->second.give_room(*out_, frame_kind::request_room, attempt);
    });
    call->request.data().stream = stream;
  }
  shard_.enter_work();
  // The element is of no use to the exchange but for its sender and its id.
  auto message = detail::element<http::response>::make(
      caf::strong_actor_ptr{ctrl()}, caf::make_message_id(id), http::response{nullptr});
  exchange::serve_call(shard_, endpoint, shard_.load_of(endpoint), std::move(*call), *this,
                       std::move(message));
  return true;
}

bool call_server::on_content(const frame& what) {
  const auto at = contents_.find(what.attempt);
  if (at == contents_.end())
    return true; // the handler has ended
  if (!at->second.take(what.content.size()))
    return false;
  const auto stream = at->second.stream();
  stream->push(what.content); // may end the request
  if (const auto still = contents_.find(what.attempt); still != contents_.end())
    still->second.give_room(*out_, frame_kind::request_room, what.attempt);
  return true;
}

void call_server::end_content(std::uint64_t attempt, http::content_stream::state how) {
  const auto at = contents_.find(attempt);
  if (at == contents_.end())
    return;
  const auto stream = at->second.stream();
  contents_.erase(at);
  stream->finish(how);
}

void call_server::cancel(std::uint64_t attempt) noexcept {
  arriving_.erase(attempt);
  const auto at = ids_.find(attempt);
  if (at == ids_.end())
    return;
  auto& which = served_.at(at->second);
  cancelled_ += which.is_cancelled ? 0 : 1;
  which.is_cancelled = true;
  out_->drop_pieces(frame_kind::response_piece, attempt);
  out_->drop_stream({frame_kind::response_octets, attempt});
  if (which.by != nullptr)
    which.by->cancel(http::client_gone);
}

void call_server::close() noexcept {
  out_ = nullptr;
  arriving_.clear();
  std::vector<http::response_observer*> all;
  cancelled_ = served_.size();
  for (auto& [id, each] : served_) {
    each.is_cancelled = true;
    if (each.by != nullptr)
      all.push_back(each.by);
  }
  for (auto* const each : all)
    each->cancel(http::client_gone);
}

void call_server::observe(std::uint64_t id, http::response_observer* by) noexcept {
  const auto at = served_.find(id);
  if (at == served_.end())
    return;
  at->second.by = by;
  if (by != nullptr && at->second.is_cancelled)
    by->cancel(http::client_gone);
}

void call_server::limit_time(std::uint64_t id, std::chrono::milliseconds patience) noexcept {
  const auto at = served_.find(id);
  if (at != served_.end() && patience.count() > 0)
    home().arm(at->second, time_after(home().exact_now(), patience));
}

// -- responses ------------------------------------------------------------------------

void call_server::receive(caf::mailbox_element_ptr& message) {
  auto* const answer = detail::value_of<http::response>(*message);
  if (answer == nullptr)
    detail::reject(*message);
  else
    finish(message->mid.request_id().integer_value(), std::move(*answer));
}

void call_server::respond_to(caf::mailbox_element_ptr& asked, http::response&& answer) {
  finish(asked->mid.request_id().integer_value(), std::move(answer));
}

void call_server::note_refused(std::uint64_t id) noexcept {
  if (const auto at = served_.find(id); at != served_.end())
    at->second.is_refused = true;
}

void call_server::fail() noexcept {
  if (out_ != nullptr)
    out_->cut();
}

std::optional<std::uint64_t> call_server::remove(std::uint64_t id) {
  const auto at = served_.find(id);
  if (at == served_.end())
    return std::nullopt;
  home().disarm(at->second);
  const auto attempt = at->second.attempt;
  cancelled_ -= at->second.is_cancelled ? 1 : 0;
  const bool is_wanted = !at->second.is_cancelled && out_ != nullptr;
  served_.erase(at);
  ids_.erase(attempt);
  if (const auto content = contents_.find(attempt); content != contents_.end()) {
    content->second.stream()->on_room({});
    contents_.erase(content);
  }
  shard_.leave_work();
  return is_wanted ? std::optional{attempt} : std::nullopt;
}

void call_server::finish(std::uint64_t id, http::response&& answer) {
  const auto at = served_.find(id);
  const bool is_refused = at != served_.end() && at->second.is_refused;
  const auto attempt = remove(id);
  if (!attempt)
    return;
  if (is_refused)
    out_->add(frame_kind::not_begun, *attempt);
  else
    send(*attempt, std::move(answer));
}

void call_server::send(std::uint64_t attempt, http::response&& answer) {
  std::string octets;
  try {
    if (const auto* const part = answer.data().uncopied != nullptr
                                     ? std::get_if<http::file_part>(answer.data().uncopied.get())
                                     : nullptr)
      answer.content(http::detail::read_part(*part));
    http::wire::encode(octets, answer);
  } catch (...) {
    detail::log_exception("the response to another node");
    octets.clear();
    http::wire::encode(octets, http::response::text(500, "Internal Server Error\n"));
  }
  out_->add_message(response_kinds, attempt, std::move(octets));
}

// -- responses that handlers write piece by piece -----------------------------------------

void call_server::begin_response(std::uint64_t id, http::response head, bool has_length,
                                 http::response_observer& by) {
  const auto at = served_.find(id);
  if (at == served_.end())
    return;
  auto& which = at->second;
  home().disarm(which);
  which.by = &by;
  if (which.is_cancelled || out_ == nullptr) {
    by.cancel(http::client_gone);
    return;
  }
  which.is_streaming = !which.is_head;
  std::uint64_t length = 0;
  if (has_length) {
    const auto text = head.header("Content-Length").value_or("0");
    std::from_chars(text.data(), text.data() + text.size(), length);
    head.remove_header("Content-Length");
  }
  std::string octets;
  http::wire::octet_writer to{octets};
  to.u8(has_length ? 1 : 0);
  to.u64(length);
  http::wire::encode(octets, head);
  out_->add(frame_kind::response_open, which.attempt, octets);
  out_->open_stream({frame_kind::response_octets, which.attempt}, stream_room,
                    [this, id] { on_drained(id); });
}

http::write_result call_server::write(std::uint64_t id, std::string_view octets) {
  const auto at = served_.find(id);
  if (at == served_.end() || out_ == nullptr || !at->second.is_streaming || at->second.is_cancelled)
    return http::write_result::closed;
  return out_->write({frame_kind::response_octets, at->second.attempt}, octets)
                 < http::waiting_content_bytes
             ? http::write_result::ok
             : http::write_result::would_block;
}

void call_server::on_drained(std::uint64_t id) {
  if (const auto at = served_.find(id); at != served_.end() && at->second.by != nullptr)
    at->second.by->on_room();
}

void call_server::end_stream(std::uint64_t id, frame_kind last) {
  if (const auto attempt = remove(id))
    out_->end_stream({frame_kind::response_octets, *attempt}, last);
}

} // namespace sake::actors::nodes
