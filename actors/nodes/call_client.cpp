#include "call_client.hpp"

#include "../../http/wire/message.hpp"
#include "../../http/wire/octet_reader.hpp"
#include "../../http/wire/octet_writer.hpp"

#include <utility>

namespace sake::actors::nodes {

namespace {

constexpr lane_output::message_kinds request_kinds{frame_kind::request, frame_kind::request_begin,
                                                   frame_kind::request_piece};

// A response of a node that is trusted with the requests themselves: a limit against its faults.
constexpr std::uint64_t max_response = std::uint64_t{1} << 30;

} // namespace

void call_client::begin(remote_request& who, std::uint64_t attempt, peer& with) {
  std::string call;
  std::string route;
  try {
    const auto work = who.remote_work();
    encode(call, work, routes_);
    http::wire::octet_writer{route}.u64(routes_.id_of(work.endpoint));
    attempts_.try_emplace(attempt, who, with);
  } catch (...) {
    with.leave();
    throw;
  }
  who.add_owner();
  who.attempt = attempt;
  out_.add_message(request_kinds, attempt, std::move(call), route);
}

// The caller drops the reference of the attempt.
remote_request& call_client::take(attempts::iterator at) noexcept {
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
  std::string status;
  http::wire::octet_writer{status}.u16(499);
  out_.add(frame_kind::cancel, attempt, status);
  take(at).drop_owner();
  placer_.on_room();
}

bool call_client::on_frame(const frame& what) {
  const auto at = attempts_.find(what.attempt);
  if (at == attempts_.end())
    return true; // called off
  switch (what.kind) {
    case frame_kind::response:
      return on_response(at, what.content);
    case frame_kind::response_begin:
      at->second.size = http::wire::octet_reader{what.content}.u64();
      return at->second.size > max_piece && at->second.size <= max_response;
    case frame_kind::response_piece:
      return on_piece(at, what.content);
    case frame_kind::not_begun: {
      out_.drop_pieces(frame_kind::request_piece, what.attempt);
      auto& who = take(at);
      placer_.place_again(who);
      who.drop_owner();
      placer_.on_room();
      return true;
    }
    default:
      return false;
  }
}

bool call_client::on_response(attempts::iterator at, std::string_view octets) {
  auto answer = http::wire::decode_response(octets);
  if (!answer)
    return false;
  auto& who = take(at);
  who.on_remote_response(std::move(*answer));
  who.drop_owner();
  placer_.on_room();
  return true;
}

bool call_client::on_piece(attempts::iterator at, std::string_view octets) {
  auto& [who, with, arriving, size] = at->second;
  if (octets.size() > size - arriving.size())
    return false;
  arriving += octets;
  return arriving.size() < size || on_response(at, std::string{std::move(arriving)});
}

void call_client::on_down() noexcept {
  while (!attempts_.empty()) {
    const auto at = attempts_.begin();
    // A node begins with a request when it has all of it.
    const bool has_left = !out_.has_pieces(frame_kind::request_piece, at->first);
    auto& who = take(at);
    if (has_left && !who.is_idempotent())
      who.on_remote_loss();
    else
      placer_.place_again(who);
    who.drop_owner();
  }
}

} // namespace sake::actors::nodes
