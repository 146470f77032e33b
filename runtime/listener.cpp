#include "listener.hpp"

#include "../actors/connection/connection.hpp"
#include "../actors/reactor/log.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sake {

namespace {

// Connections accepted before the reactor handles other events.
constexpr int accept_batch = 64;

// Limit on the connections accepted at the end: more than any backlog holds.
constexpr int max_backlog = 65'536;

constexpr std::chrono::milliseconds accept_pause{100};

http::peer to_peer(const sockaddr_storage& from) {
  http::peer peer;
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    peer.kind = http::peer::family::ipv4;
    peer.port = ntohs(v4.sin_port);
    std::memcpy(peer.address.data(), &v4.sin_addr, 4);
  } else if (from.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
    peer.kind = http::peer::family::ipv6;
    peer.port = ntohs(v6.sin6_port);
    std::memcpy(peer.address.data(), &v6.sin6_addr, 16);
  } else {
    peer.kind = http::peer::family::local;
  }
  return peer;
}

} // namespace

listener::listener(actors::shard& own, listening_socket socket, actors::connection_limit& limit,
                   const actors::transport_factory& transports)
    : shard_(own), socket_(socket), limit_(limit), transports_(transports) {}

listener::~listener() {
  close();
}

void listener::start(give_away elsewhere) {
  elsewhere_ = std::move(elsewhere);
  // Wakes one reactor for a connection, not every reactor with the socket.
  const std::uint32_t exclusive = socket_.is_shared ? std::uint32_t{EPOLLEXCLUSIVE} : 0;
  shard_.reactor().add(socket_.descriptor, EPOLLIN | exclusive, *this);
}

// When a listening socket closes, the kernel resets its connections that are not accepted, and
// handshakes that end later.
void listener::finish(std::chrono::milliseconds patience, std::function<void()> done) {
  done_ = std::move(done);
  if (socket_.is_inherited) {
    finished();
    return;
  }
  refuse_further();
  is_paused_ = false;
  accept_rest();
  if (patience.count() == 0)
    finished();
  else if (!is_paused_)
    shard_.reactor().arm(*this, shard_.reactor().exact_now() + patience);
}

void listener::finished() {
  close();
  std::exchange(done_, {})();
}

void listener::accept_rest() {
  for (int left = max_backlog; left > 0 && accept_one();)
    --left;
}

// Attaches a filter that drops further TCP SYN segments, as if they were lost, so that no
// connection is made between the last accept and the close of the socket. The clients send SYN
// again and are then refused. If the filter cannot be attached, such connections are reset.
void listener::refuse_further() noexcept {
  constexpr std::uint32_t flags_offset = 13; // in the header of a segment
  constexpr std::uint32_t syn_and_ack = 0x12;
  constexpr std::uint32_t syn = 0x02;
  sock_filter drop_syn[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags_offset),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn_and_ack),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  };
  const sock_fprog program{static_cast<unsigned short>(std::size(drop_syn)), drop_syn};
  ::setsockopt(socket_.descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

void listener::close() noexcept {
  shard_.reactor().disarm(*this);
  if (socket_.descriptor < 0)
    return;
  shard_.reactor().remove(socket_.descriptor, *this);
  ::close(std::exchange(socket_.descriptor, -1));
}

void listener::on_events(std::uint32_t) {
  if (!is_paused_)
    accept();
}

void listener::accept() {
  for (int left = accept_batch; left > 0; --left)
    if (!accept_one())
      return;
  shard_.reactor().requeue(*this, EPOLLIN);
}

// Returns false if there is no more to accept now.
bool listener::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int fd = ::accept4(socket_.descriptor, reinterpret_cast<sockaddr*>(&from), &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    const int error = errno;
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
      pause(error);
      return false;
    }
    // Other errors concern one connection, which is already gone.
    return error != EAGAIN;
  }
  const auto peer = to_peer(from);
  return (elsewhere_ && elsewhere_(fd, peer)) || open(fd, peer);
}

bool listener::open(int socket, const http::peer& peer) {
  auto place = limit_.take();
  if (place.is_dropped()) {
    ::close(socket);
    return true;
  }
  auto& reactor = shard_.reactor();
  std::unique_ptr<actors::transport> carrier;
  try {
    carrier = transports_.make(reactor, socket);
  } catch (const std::system_error& e) {
    ::close(socket);
    pause(e.code().value());
    return false;
  }
  const auto made = actors::spawn_on<actors::connection>(reactor, shard_, std::move(carrier), peer);
  static_cast<actors::connection&>(*made->get()).start(std::move(place));
  return true;
}

// The kernel keeps reporting a connection that there is no descriptor for: try again later.
void listener::pause(int error) {
  actors::log_event(log_level::error, "cannot accept connections; trying again in 100 ms",
                    {{"error", std::strerror(error)}});
  if (socket_.descriptor < 0)
    return;
  is_paused_ = true;
  shard_.reactor().arm(*this, shard_.reactor().exact_now() + accept_pause);
}

void listener::expired(actors::time_point) {
  is_paused_ = false;
  if (!done_) {
    accept();
    return;
  }
  accept_rest();
  // Closing connections free descriptors; if still paused, the deadline is armed again.
  if (!is_paused_ || shard_.connection_count() == 0)
    finished();
}

} // namespace sake
