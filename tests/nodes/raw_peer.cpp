#include "raw_peer.hpp"

#include <sake/actors/nodes/basp/introduction_frame.hpp>
#include <sake/actors/nodes/basp/node_identity.hpp>
#include <sake/actors/nodes/basp/tls_session.hpp>
#include <sake/actors/nodes/node_address.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

namespace sake::test {

using namespace actors::nodes;
using outcome = link_io::outcome;

namespace {

constexpr int patience_ms = 20'000;

} // namespace

raw_peer::raw_peer(const std::string& address, const actors::node_settings& settings) {
  const auto to = node_address::parse(address).value();
  sockaddr_storage where;
  const auto size = to.write(where);
  const int socket = ::socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0 || ::connect(socket, reinterpret_cast<const sockaddr*>(&where), size) != 0)
    throw std::runtime_error("cannot connect to " + address);
  ::fcntl(socket, F_SETFL, O_NONBLOCK);
  std::unique_ptr<tls_session> tls;
  if (settings.has_tls()) {
    context_ = node_identity{settings}.current();
    tls = tls_session::connect(*context_, socket, to.host);
  }
  channel_ = std::make_unique<link_channel>(socket, link_side::dialled, std::move(tls));
  for (auto done = channel_->shake_hands().what; done != outcome::done;
       done = channel_->shake_hands().what)
    if (done == outcome::ended || !await_socket(false))
      throw std::runtime_error("no TLS with " + address + ": " + channel_->failure());
}

raw_peer::~raw_peer() = default;

bool raw_peer::await_socket(bool writable) {
  pollfd waiting{channel_->socket(), static_cast<short>(writable ? POLLOUT : POLLIN), 0};
  return ::poll(&waiting, 1, patience_ms) == 1;
}

void raw_peer::send(std::string_view octets) {
  while (!octets.empty()) {
    const auto result = channel_->write(octets.data(), octets.size());
    if (result.what == outcome::ended)
      return;
    if (result.what == outcome::waits && !await_socket(true))
      return;
    octets.remove_prefix(result.octets);
  }
}

bool raw_peer::introduce() {
  send(encode_introduction(introduction_kind::introduction, "a raw peer"));
  introduction_reader answer;
  while (answer.wanted() > 0) {
    std::array<char, 1024> piece;
    const auto result = channel_->read(piece.data(), std::min(piece.size(), answer.wanted()));
    if (result.what == outcome::ended || (result.what == outcome::waits && !await_socket(false))
        || !answer.take({piece.data(), result.octets}))
      return false;
  }
  return true;
}

std::string raw_peer::read(std::size_t count) {
  std::string octets;
  while (octets.size() < count) {
    std::array<char, 1024> piece;
    const auto result = channel_->read(piece.data(), std::min(piece.size(), count - octets.size()));
    if (result.what == outcome::ended || (result.what == outcome::waits && !await_socket(false)))
      break;
    octets.append(piece.data(), result.octets);
  }
  return octets;
}

void raw_peer::half_close() {
  ::shutdown(channel_->socket(), SHUT_WR);
}

void raw_peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(channel_->socket(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  channel_ = nullptr;
}

bool raw_peer::await_end() {
  for (;;) {
    std::array<char, 4096> unread;
    const auto result = channel_->read(unread.data(), unread.size());
    if (result.what == outcome::ended)
      return true;
    if (result.what == outcome::waits && !await_socket(false))
      return false;
  }
}

std::string basp_header(int operation, std::uint32_t size, int flags, std::uint64_t sender,
                        std::uint64_t receiver) {
  // Normal priority, and no request.
  constexpr std::uint64_t asynchronous = std::uint64_t{1} << 60;
  const auto number = [](std::uint64_t value, int octets) {
    std::string text;
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8)
      text += static_cast<char>(value >> shift & 0xff);
    return text;
  };
  return std::string{static_cast<char>(operation), 0, 0, static_cast<char>(flags)} + number(size, 4)
         + number(operation == 2 ? asynchronous : 0, 8) + number(sender, 8) + number(receiver, 8);
}

} // namespace sake::test
