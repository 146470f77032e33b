#include "call_client.hpp"

#include "../../http/wire/message.hpp"
#include "../../http/wire/octet_reader.hpp"
#include "../../http/wire/octet_writer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sake::actors::nodes {

namespace {

constexpr lane_output::message_kinds request_kinds{frame_kind::request, frame_kind::request_begin,
                                                   frame_kind::request_piece};

// A response of a node that is trusted with the requests themselves: a limit against its faults.
constexpr std::uint64_t max_response = std::uint64_t{1} << 30;

} // namespace

void call_client::begin(remote_run& who, std::uint64_t attempt, peer& with) {
  std::string call;
  std::string route;
  try {
    const auto work = who.by().remote_work();
    encode(call, work, routes_);
    http::wire::octet_writer{route}.u64(routes_.id_of(work.endpoint));
    attempts_.try_emplace(attempt, who, with, out_.now()).first->second.upload =
        work.content_follows ? who.by().arriving_content() : nullptr;
  } catch (...) {
    with.leave();
    throw;
  }
  who.add_owner();
  who.attempt = attempt;
  out_.add_message(request_kinds, attempt, std::move(call), route);
}

// The caller drops the reference of the attempt.
remote_run& call_client::take(attempts::iterator at) noexcept {
  if (at->second.content)
    at->second.content->stream()->on_room({});
  if (at->second.upload != nullptr)
    at->second.upload->on_readable({});
  if (at->second.is_taken)
    out_.drop_stream({frame_kind::request_octets, at->first});
  auto& who = *at->second.who;
  who.attempt = 0;
  at->second.with->leave();
  attempts_.erase(at);
  return who;
}

void call_client::call_off(std::uint64_t attempt) noexcept {
  const auto at = attempts_.find(attempt);
  if (at == attempts_.end())
    return;
  out_.drop_pieces(frame_kind::request_piece, attempt);
  out_.add(frame_kind::cancel, attempt);
  take(at).drop_owner();
  placer_.on_room();
}

bool call_client::on_frame(const frame& what) {
  const auto at = attempts_.find(what.attempt);
  if (at == attempts_.end())
    return true; // called off
  const bool has_response = at->second.arriving.size != 0 || at->second.content;
  switch (what.kind) {
    case frame_kind::response:
      return !has_response && on_response(at, what.content);
    case frame_kind::response_begin:
      if (has_response)
        return false;
      at->second.arriving.size = http::wire::octet_reader{what.content}.u64();
      return at->second.arriving.size > max_piece && at->second.arriving.size <= max_response;
    case frame_kind::response_piece:
      return on_piece(at, what.content);
    case frame_kind::not_begun:
      if (has_response)
        return false;
      on_not_begun(at);
      return true;
    case frame_kind::request_room:
      on_request_room(at, http::wire::octet_reader{what.content}.u32());
      return true;
    case frame_kind::response_open:
      return !has_response && on_open(at, what.content);
    case frame_kind::response_octets:
      return on_content(at, what.content);
    case frame_kind::response_end:
    case frame_kind::response_cut:
      if (!at->second.content)
        return false;
      end_content(at, what.kind == frame_kind::response_end ? http::content_stream::state::complete
                                                            : http::content_stream::state::failed);
      return true;
    default:
      return false;
  }
}

void call_client::on_not_begun(attempts::iterator at) {
  out_.drop_pieces(frame_kind::request_piece, at->first);
  const bool is_taken = at->second.is_taken;
  const auto& by = *at->second.with;
  auto& who = take(at);
  if (is_taken)
    who.lose();
  else
    placer_.on_refused(who, by);
  who.drop_owner();
  placer_.on_room();
}

// -- responses in pieces ------------------------------------------------------------------

bool call_client::on_open(attempts::iterator at, std::string_view octets) {
  http::wire::octet_reader from{octets};
  const bool has_length = from.u8() != 0;
  const auto length = from.u64();
  constexpr std::size_t before_head = 9;
  auto head = from.has_failed() ? http::wire::errors::ends_early
                                : http::wire::decode_response(octets.substr(before_head));
  auto& of = at->second;
  if (!head)
    return false;
  const auto& stream = of.content.emplace(stream_room).stream();
  stream->on_room([this, attempt = at->first] { give_room(attempt); });
  of.who->open(std::move(*head), has_length ? std::optional{length} : std::nullopt, stream);
  return true;
}

bool call_client::on_content(attempts::iterator at, std::string_view octets) {
  auto& of = at->second;
  if (!of.content || !of.content->take(octets.size()))
    return false;
  const auto attempt = at->first;
  const auto stream = of.content->stream();
  stream->push(octets); // may end the request
  give_room(attempt);
  return true;
}

void call_client::give_room(std::uint64_t attempt) {
  if (const auto at = attempts_.find(attempt); at != attempts_.end() && at->second.content)
    at->second.content->give_room(out_, frame_kind::response_room, attempt);
}

void call_client::end_content(attempts::iterator at, http::content_stream::state how) {
  const auto stream = at->second.content->stream();
  auto& who = take(at);
  stream->finish(how);
  who.drop_owner();
  placer_.on_room();
}

// -- requests in pieces -------------------------------------------------------------------

// The handler reads: the content is taken from now on, so no other node can get it.
void call_client::on_request_room(attempts::iterator at, std::size_t octets) {
  auto& of = at->second;
  const auto attempt = at->first;
  const lane_output::stream_id which{frame_kind::request_octets, attempt};
  if (of.is_taken) {
    out_.add_room(which, octets);
    return;
  }
  if (of.upload == nullptr)
    return;
  of.is_taken = true;
  out_.open_stream(which, octets, [this, attempt] { send_content(attempt); });
  of.upload->on_readable([this, attempt] { send_content(attempt); });
  send_content(attempt);
}

void call_client::send_content(std::uint64_t attempt) {
  using state = http::content_stream::state;
  const lane_output::stream_id which{frame_kind::request_octets, attempt};
  const auto at = attempts_.find(attempt);
  if (at == attempts_.end() || at->second.upload == nullptr)
    return;
  const auto content = at->second.upload;
  while (out_.write(which, {}) < max_piece) {
    const auto piece = content->take(max_piece);
    if (!piece.empty()) {
      out_.write(which, piece);
      continue;
    }
    if (content->status() == state::open)
      return;
    content->on_readable({});
    at->second.upload = nullptr;
    out_.end_stream(which, content->status() == state::complete ? frame_kind::request_end
                                                                : frame_kind::request_cut);
    return;
  }
}

// -- responses as a whole -----------------------------------------------------------------

bool call_client::on_response(attempts::iterator at, std::string_view octets) {
  auto answer = http::wire::decode_response(octets);
  if (!answer)
    return false;
  at->second.with->note_response(out_.now() - at->second.begun);
  auto& who = take(at);
  who.answer(std::move(*answer));
  who.drop_owner();
  placer_.on_room();
  return true;
}

bool call_client::on_piece(attempts::iterator at, std::string_view octets) {
  auto& arriving = at->second.arriving;
  if (!arriving.add(octets))
    return false;
  return !arriving.is_whole() || on_response(at, std::string{std::move(arriving.octets)});
}

void call_client::on_down() noexcept {
  while (!attempts_.empty()) {
    const auto at = attempts_.begin();
    if (at->second.content) {
      end_content(at, http::content_stream::state::failed);
      continue;
    }
    // A node begins with a request when it has all of it.
    const bool has_left = !out_.has_pieces(frame_kind::request_piece, at->first);
    const bool is_taken = at->second.is_taken;
    auto& who = take(at);
    if (is_taken || (has_left && !who.by().is_idempotent()))
      who.lose();
    else
      placer_.place_again(who);
    who.drop_owner();
  }
}

} // namespace sake::actors::nodes
