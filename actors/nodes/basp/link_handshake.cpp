#include "link_handshake.hpp"

#include "../../reactor/detail/descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace sake::actors::nodes {

namespace {

using outcome = link_io::outcome;

// Octets of the reason in a refusal.
constexpr std::size_t max_reason = 1024;

// Octets that a refused node may have sent before it learns of that: its introduction, in TLS.
constexpr std::size_t max_discarded = 2 * max_introduction;

std::string error_text(int error) {
  return std::strerror(error);
}

} // namespace

link_handshake::~link_handshake() {
  let_go();
}

// -- beginning ------------------------------------------------------------------------

void link_handshake::dial(const node_address& to, ssl_ctx_st* context) {
  sockaddr_storage where;
  const auto size = to.write(where);
  const int made = ::socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0)
    return fail_later(error_text(errno));
  side_ = link_side::dialled;
  step_ = step::connecting;
  detail::descriptor socket{made, "socket"};
  auto tls = std::unique_ptr<tls_session>{};
  if (context != nullptr)
    tls = tls_session::connect(*context, made, to.name.empty() ? to.host : to.name);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&where), size) != 0 && errno != EINPROGRESS)
    return fail_later(error_text(errno));
  watch(std::make_unique<link_channel>(socket.release(), side_, std::move(tls)));
}

void link_handshake::accept(int accepted, ssl_ctx_st* context) {
  side_ = link_side::accepted;
  step_ = step::securing;
  detail::descriptor socket{accepted, "accept"};
  auto tls = context != nullptr ? tls_session::accept(*context, accepted) : nullptr;
  watch(std::make_unique<link_channel>(socket.release(), side_, std::move(tls)));
}

void link_handshake::watch(std::unique_ptr<link_channel> channel) {
  const int on = 1;
  ::setsockopt(channel->socket(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  try {
    reactor_.add(channel->socket(), EPOLLIN | EPOLLOUT | EPOLLRDHUP, *this);
  } catch (const std::system_error& e) {
    return fail_later(e.what());
  }
  channel_ = std::move(channel);
  const auto now = reactor_.exact_now();
  give_up_ = now + time_limit;
  reactor_.arm(*this, step_ == step::connecting ? now + connect_limit : give_up_);
}

void link_handshake::fail_later(std::string reason) {
  problem_ = std::move(reason);
  reactor_.arm(*this, reactor_.exact_now());
}

// -- going on -------------------------------------------------------------------------

void link_handshake::on_events(std::uint32_t reported) {
  const bool may_be_connected = (reported & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0;
  if (channel_ != nullptr && (step_ != step::connecting || may_be_connected))
    advance();
}

void link_handshake::expired(time_point) {
  if (!problem_.empty())
    return fail(std::move(problem_));
  constexpr std::array reasons{"no connection within 1 s", "no TLS handshake within 3 s",
                               "it does not read an introduction within 3 s",
                               "no introduction within 3 s", "TLS failed"};
  fail(reasons[static_cast<std::size_t>(step_)]);
}

// The last thing that a caller does: the attempt may be gone then.
void link_handshake::advance() {
  for (;;) {
    switch (take_step()) {
      case outcome::waits:
        return;
      case outcome::ended:
        if (begin_lingering())
          break;
        return fail(failure());
      case outcome::done:
        if (!begin_next_step())
          return;
    }
  }
}

outcome link_handshake::take_step() {
  switch (step_) {
    case step::connecting:
      return connect();
    case step::securing:
      return channel_->shake_hands().what;
    case step::sending:
      return send();
    case step::receiving:
      return receive();
    case step::lingering:
      return discard();
  }
  return outcome::ended;
}

outcome link_handshake::connect() {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(channel_->socket(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
    error = errno;
  if (error == 0)
    return outcome::done;
  problem_ = error_text(error);
  return outcome::ended;
}

outcome link_handshake::send() {
  while (sent_ < output_.size()) {
    const auto result = channel_->write(output_.data() + sent_, output_.size() - sent_);
    if (result.what != outcome::done)
      return result.what;
    sent_ += result.octets;
  }
  return outcome::done;
}

// BASP begins right behind the introduction, so that not an octet more may be read.
outcome link_handshake::receive() {
  std::array<char, 4096> piece;
  while (input_.wanted() > 0) {
    const auto result = channel_->read(piece.data(), std::min(piece.size(), input_.wanted()));
    if (result.what != outcome::done)
      return result.what;
    if (!input_.take({piece.data(), result.octets})) {
      problem_ = "it does not introduce itself as a node";
      return outcome::ended;
    }
  }
  return outcome::done;
}

// A node that dials sends its introduction before it learns that its certificate is refused. If the
// socket were closed with that unread, the kernel would reset the connection, and TLS's word of the
// reason would be lost.
bool link_handshake::begin_lingering() {
  if (side_ != link_side::accepted || step_ != step::securing)
    return false;
  problem_ = failure();
  step_ = step::lingering;
  return ::shutdown(channel_->socket(), SHUT_WR) == 0;
}

outcome link_handshake::discard() noexcept {
  std::array<char, 4096> unread;
  for (;;) {
    const auto n = ::recv(channel_->socket(), unread.data(), unread.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      return outcome::waits;
    if (n <= 0 || (discarded_ += static_cast<std::size_t>(n)) > max_discarded)
      return outcome::ended;
  }
}

/// Returns false at the end of the attempt, which may be gone then.
bool link_handshake::begin_next_step() {
  const bool has_dialled = side_ == link_side::dialled;
  switch (step_) {
    case step::connecting:
      step_ = step::securing;
      reactor_.arm(*this, give_up_);
      return true;
    case step::securing:
      step_ = step::receiving;
      if (has_dialled)
        begin_sending(introduction_kind::introduction, events_.introduce());
      return true;
    case step::receiving:
      return judge();
    case step::sending:
      if (!has_dialled) {
        finish_or_fail(std::move(problem_));
        return false;
      }
      step_ = step::receiving;
      return true;
    case step::lingering:
      break;
  }
  return false;
}

void link_handshake::begin_sending(introduction_kind kind, std::string_view content) {
  output_ = encode_introduction(kind, content);
  sent_ = 0;
  step_ = step::sending;
}

bool link_handshake::judge() {
  if (channel_->pending() > 0 || input_.kind() == introduction_kind::refusal) {
    is_refused_ = channel_->pending() == 0 && side_ == link_side::dialled;
    fail(is_refused_ ? input_.content() : "it sends more than its introduction");
    return false;
  }
  auto found = events_.judge(input_.content());
  owner_ = std::move(found.owner);
  if (side_ == link_side::dialled) {
    finish_or_fail(std::move(found.reason));
    return false;
  }
  if (owner_ != nullptr) {
    begin_sending(introduction_kind::introduction, events_.introduce());
  } else {
    problem_ = found.reason.empty() ? "it is refused" : std::move(found.reason);
    begin_sending(introduction_kind::refusal, std::string_view{problem_}.substr(0, max_reason));
  }
  return true;
}

// -- ending ---------------------------------------------------------------------------

void link_handshake::finish_or_fail(std::string reason) {
  if (owner_ != nullptr)
    events_.on_done(let_go(), std::move(owner_));
  else
    fail(std::move(reason));
}

void link_handshake::fail(std::string reason) {
  let_go();
  const auto admitted = std::move(owner_);
  events_.on_failed(std::move(reason), admitted, is_refused_);
}

std::string link_handshake::failure() const {
  return problem_.empty() ? channel_->failure() : problem_;
}

std::unique_ptr<link_channel> link_handshake::let_go() noexcept {
  reactor_.disarm(*this);
  if (channel_ != nullptr)
    reactor_.remove(channel_->socket(), *this);
  return std::move(channel_);
}

} // namespace sake::actors::nodes
