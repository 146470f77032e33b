#include <sake/runtime/listener.hpp>

#include <sake/actors/connection.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/socket_transport.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sake {

namespace {

// Connections accepted before other events of the reactor have their turn.
constexpr int accept_batch = 64;

// Connections past the bound that are told so, rather than dropped.
constexpr std::size_t told_at_most = 256;

// Connections that are accepted at the end: more than any backlog holds.
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

listener::listener(actors::shard& own, listening_socket socket,
                   const std::atomic<std::size_t>& open_connections, std::size_t max_connections)
    : shard_(own),
      socket_(socket),
      open_connections_(open_connections),
      max_connections_(max_connections) {}

listener::~listener() {
  close();
}

void listener::start() {
  // One reactor is woken for a connection, not all that have the socket.
  const std::uint32_t exclusive = socket_.is_shared ? std::uint32_t{EPOLLEXCLUSIVE} : 0;
  shard_.reactor().add(socket_.descriptor, EPOLLIN | exclusive, *this);
}

// The kernel resets connections that are not accepted when their socket closes, and those whose
// handshake ends later.
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

// Has the kernel drop further SYN segments of TCP, as if they were lost, so that none becomes a
// connection between the last look and the end of the socket. Their clients try again, and are then
// refused. Where that fails, such connections are reset.
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
  shard_.reactor().again(*this, EPOLLIN);
}

// False when there is no more to accept now.
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
    // Other errors are those of one connection, which is gone already.
    return error != EAGAIN;
  }
  if (from.ss_family != AF_UNIX) {
    // Without it a response that follows another waits for the peer's delayed acknowledgement.
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return welcome(fd, to_peer(from));
}

// False when the system has nothing left to watch it with.
bool listener::welcome(int socket, const http::peer& peer) {
  const auto open = open_connections_.load(std::memory_order_relaxed);
  if (open >= max_connections_ + told_at_most) {
    ::close(socket);
    return true;
  }
  auto& reactor = shard_.reactor();
  std::unique_ptr<actors::socket_transport> carrier;
  try {
    carrier = std::make_unique<actors::socket_transport>(reactor, socket);
  } catch (const std::system_error& e) {
    ::close(socket);
    pause(e.code().value());
    return false;
  }
  const auto made = actors::spawn_on<actors::connection>(reactor, shard_, std::move(carrier), peer);
  auto& connection = static_cast<actors::connection&>(*made->get());
  if (open < max_connections_)
    connection.start();
  else
    connection.turn_away();
  return true;
}

// The kernel keeps telling of a connection that we have no descriptor for: look again later.
void listener::pause(int error) {
  actors::log_event(log_level::error, "cannot accept connections; trying again in 100 ms",
              {{"error", std::strerror(error)}});
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
  // Connections that close give their descriptors back; else it has armed itself anew.
  if (!is_paused_ || shard_.connection_count() == 0)
    finished();
}

} // namespace sake
