// Peers that break the rules, against a node that listens.
#include "process_size.hpp"
#include "raw_peer.hpp"
#include "support/captured_log.hpp"
#include "support/catch.hpp"
#include "two_nodes.hpp"

#include <sake/actors/nodes/basp/basp_network.hpp>
#include <sake/actors/nodes/basp/introduction_frame.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;
using namespace std::string_literals;
using actors::nodes::encode_introduction;
using actors::nodes::envelope;
using actors::nodes::introduction_kind;

namespace {

std::string random_octets(std::size_t count) {
  std::mt19937 next{7};
  std::string octets(count, '\0');
  for (char& octet : octets)
    octet = static_cast<char>(next() & 0xff);
  return octets;
}

/// Two nodes with a link between them, which must live through the test.
struct linked_nodes : two_nodes {
  explicit linked_nodes(bool has_tls)
      : two_nodes(has_tls), first(dialler->dial(address)), accepted(host->next_accepted()) {
    REQUIRE(first->problem() == "");
    REQUIRE(accepted.owner->await_up());
  }

  void check_link() {
    const auto before = accepted.owner->envelopes().size();
    first->link().send({0, 0, "still here"});
    CHECK(accepted.owner->await_envelopes(before + 1));
  }
  /// A third node is served as well.
  void check_service() {
    test_node third{settings};
    const auto dialled = third.dial(address);
    CHECK(dialled->problem() == "");
    auto link = host->next_accepted();
    CHECK(link.owner->await_up());
  }

  std::shared_ptr<dial_recorder> first;
  test_node::accepted accepted;
};

template <class Condition>
bool await(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition())
      return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

} // namespace

TEST_CASE("what is not an introduction ends its connection, and no other", "[nodes]") {
  linked_nodes nodes{GENERATE(false, true)};
  const std::vector<std::string> octets{
      std::string(32, '\0'),         basp_header(1, 0),
      basp_header(1, 0x7fffffff),    "GET / HTTP/1.1\r\n\r\n",
      "SAKENODE\1\xff\xff\xff\xff"s, "SAKENODE\1\0\1\0\1"s,
      "SAKENODE\3\0\0\0\0"s,         encode_introduction(introduction_kind::refusal, "no"),
      random_octets(4096),
  };
  for (const auto& each : octets) {
    raw_peer peer{nodes.address, nodes.settings};
    peer.send(each);
    CHECK(peer.await_end());
  }
  nodes.check_link();
  nodes.check_service();
}

TEST_CASE("octets in plain on a connection with TLS end it, and no other", "[nodes]") {
  linked_nodes nodes{true};
  for (const auto& each : {std::string(32, '\0'), "GET / HTTP/1.1\r\n\r\n"s, random_octets(4096),
                           encode_introduction(introduction_kind::introduction, "me")}) {
    raw_peer peer{nodes.address, {}};
    peer.send(each);
    CHECK(peer.await_end());
  }
  nodes.check_link();
  nodes.check_service();
}

TEST_CASE("a connection that is half-closed, closed or reset ends, and no other", "[nodes]") {
  linked_nodes nodes{GENERATE(false, true)};
  const bool introduces = GENERATE(false, true);
  for (int i = 0; i < 10; ++i) {
    raw_peer closing{nodes.address, nodes.settings};
    raw_peer resetting{nodes.address, nodes.settings};
    if (introduces) {
      CHECK(closing.introduce());
      CHECK(resetting.introduce());
    }
    closing.half_close();
    resetting.reset();
    CHECK(closing.await_end());
    const raw_peer leaving{nodes.address, nodes.settings};
  }
  nodes.check_link();
  for (int i = 0; introduces && i < 20; ++i) {
    const auto link = nodes.host->next_accepted();
    CHECK(link.owner->await_down());
    CHECK(link.owner->ups() == 0);
    CHECK(link.owner->is_in_order());
  }
  nodes.check_service();
}

TEST_CASE("forged BASP behind an introduction ends its link, and no other", "[nodes]") {
  linked_nodes nodes{GENERATE(false, true)};
  const std::vector<std::string> octets{
      std::string(32, '\0'),
      basp_header(1, 0),
      basp_header(1, 0x7fffffff),
      basp_header(0, 60) + std::string(60, 'x'),
      basp_header(2, 64) + std::string(64, 'x'),
      basp_header(1, 32) + std::string(32, '\xff'),
      basp_header(1, 5) + std::string(5, '\xff'),
      basp_header(1, 32) + std::string(32, '\0') + basp_header(2, 0xffffffff),
      random_octets(4096),
  };
  for (const auto& each : octets) {
    raw_peer peer{nodes.address, nodes.settings};
    REQUIRE(peer.introduce());
    peer.send(each);
    CHECK(peer.await_end());
    const auto link = nodes.host->next_accepted();
    CHECK(link.owner->await_down());
    CHECK(link.owner->ups() == 0);
  }
  nodes.check_link();
  nodes.check_service();
}

namespace {

/// A peer that knows BASP, and greets as a node of its own.
class basp_peer : public raw_peer {
public:
  using raw_peer::raw_peer;

  void greet() {
    REQUIRE(introduce());
    const auto header = read(32);
    const auto greeting = read(static_cast<std::uint8_t>(header[7]));
    // An id of CAF: a kind in 8 octets, the process in 4, and the host in 20.
    auto id = greeting.substr(0, 32);
    id.back() = static_cast<char>(id.back() + 99);
    // The number of the actor, before an empty set.
    const auto actor = greeting.substr(greeting.size() - 9, 8);
    for (const char octet : actor)
      actor_ = actor_ << 8 | static_cast<std::uint8_t>(octet);
    send(basp_header(1, 32) + id + basp_header(1, 32, 2) + id);
  }

  void tell(const std::string& type, const std::string& values, std::uint64_t sender = 77) {
    const auto name = "@<>+" + type;
    // No stages, then the type and the values.
    const auto content = std::string(3, '\0') + static_cast<char>(name.size()) + name + values;
    send(basp_header(2, static_cast<std::uint32_t>(content.size()), 0, sender, actor_) + content);
  }

private:
  std::uint64_t actor_ = 0;
};

// The values of an envelope with two octets of frames.
std::string envelope_values(char version) {
  return {0, version, 0, 3, 0, 0, 0, 9, 2, 'h', 'i'};
}

} // namespace

TEST_CASE("a message that is not an envelope ends its link, and no other", "[nodes]") {
  linked_nodes nodes{GENERATE(false, true)};
  captured_log log;
  const auto provoke = [&](const auto& act) {
    basp_peer peer{nodes.address, nodes.settings};
    peer.greet();
    auto link = nodes.host->next_accepted();
    act(peer);
    CHECK(peer.await_end());
    CHECK(link.owner->await_down());
    CHECK(link.owner->is_in_order());
    return link;
  };
  const auto envelope_type = "sake::envelope";
  // A correct envelope is taken, so that each of the others is refused for its own fault.
  const auto good = provoke([&](basp_peer& peer) {
    for (int i = 0; i < 3; ++i)
      peer.tell(envelope_type, envelope_values(1));
    peer.half_close();
  });
  CHECK(good.owner->ups() == 1);
  REQUIRE(good.owner->envelopes().size() == 2);
  CHECK(good.owner->envelopes()[1].lane == 3);
  CHECK(good.owner->envelopes()[1].load == 9);
  CHECK(good.owner->envelopes()[1].frames == "hi");

  const auto older = provoke([&](basp_peer& peer) {
    peer.tell(envelope_type, envelope_values(1));
    peer.tell(envelope_type, envelope_values(2));
    peer.tell(envelope_type, envelope_values(1));
  });
  CHECK(older.owner->envelopes().empty());
  CHECK(log.count("an envelope of an unknown version") > 0);
  provoke([&](basp_peer& peer) { peer.tell("@u64", "12345678"); });
  CHECK(log.count("a message that nodes do not send") > 0);
  provoke([&](basp_peer& peer) { peer.tell(envelope_type, envelope_values(1), 0); });
  provoke([&](basp_peer& peer) {
    peer.tell(envelope_type, envelope_values(1));
    peer.tell(envelope_type, envelope_values(1), 78);
  });
  CHECK(log.count("a message of another actor") > 0);
  nodes.check_link();
  nodes.check_service();
}

TEST_CASE("an introduction with more behind it ends its connection", "[nodes]") {
  linked_nodes nodes{true};
  raw_peer peer{nodes.address, nodes.settings};
  peer.send(encode_introduction(introduction_kind::introduction, "me") + "more");
  CHECK(peer.await_end());
  nodes.check_link();
}

TEST_CASE("silence ends its connection, and others are served meanwhile", "[nodes]") {
  linked_nodes nodes{GENERATE(false, true)};
  std::vector<std::unique_ptr<raw_peer>> silent;
  for (int i = 0; i < 10; ++i) {
    silent.push_back(std::make_unique<raw_peer>(nodes.address, nodes.settings));
    if (i % 2 == 0)
      silent.back()->send("SAKENODE");
  }
  raw_peer silent_later{nodes.address, nodes.settings};
  REQUIRE(silent_later.introduce());
  const auto silent_link = nodes.host->next_accepted();
  nodes.check_service();
  CHECK(silent_later.await_end());
  CHECK(silent_link.owner->await_down());
  CHECK(silent_link.owner->ups() == 0);
  for (const auto& each : silent)
    CHECK(each->await_end());
  nodes.check_link();
}

TEST_CASE("a node accepts 64 connections at a time", "[nodes]") {
  linked_nodes nodes{false};
  constexpr std::size_t count = 80;
  constexpr auto most = actors::nodes::basp_network::max_arrivals;
  const auto before = open_descriptors();
  std::vector<std::unique_ptr<raw_peer>> silent;
  for (std::size_t i = 0; i < count; ++i)
    silent.push_back(std::make_unique<raw_peer>(nodes.address, nodes.settings));
  CHECK(await([&] { return open_descriptors() == before + count + most; }));
  nodes.check_link();
  for (const auto& each : silent)
    CHECK(each->await_end());
  silent.clear();
  CHECK(await([&] { return open_descriptors() == before; }));
  nodes.check_service();
}

TEST_CASE("a node without descriptors accepts again later", "[nodes]") {
  linked_nodes nodes{false};
  captured_log log;
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto to = actors::nodes::node_address::parse(nodes.address).value();
  sockaddr_storage where;
  const auto size = to.write(where);
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlimit none{0, limit.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const bool is_connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&where), size) == 0;
  const bool has_paused = await([&] { return log.count("cannot accept nodes") > 0; });
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(is_connected);
  CHECK(has_paused);
  ::close(socket);
  nodes.check_service();
  nodes.check_link();
}

namespace {

/// Carries octets between a node that dials and another, until it stops.
class relay {
public:
  explicit relay(const std::string& to) : to_(actors::nodes::node_address::parse(to).value()) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    if (::bind(listening_, reinterpret_cast<sockaddr*>(&any), size) != 0
        || ::listen(listening_, 1) != 0
        || ::getsockname(listening_, reinterpret_cast<sockaddr*>(&any), &size) != 0)
      throw std::runtime_error("no relay");
    address_ = "127.0.0.1:" + std::to_string(ntohs(any.sin_port));
    thread_ = std::thread{[this] { run(); }};
  }
  ~relay() {
    stop();
    ::close(listening_);
    ::close(near_);
    ::close(far_);
  }

  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  /// Reads nothing more; the connections stay.
  void stop() {
    is_stopped_ = true;
    if (thread_.joinable())
      thread_.join();
  }

private:
  void run() {
    near_ = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    sockaddr_storage where;
    const auto size = to_.write(where);
    if (::connect(far_, reinterpret_cast<const sockaddr*>(&where), size) != 0)
      return;
    while (!is_stopped_) {
      carry(near_, far_);
      carry(far_, near_);
      std::this_thread::sleep_for(1ms);
    }
  }
  static void carry(int from, int to) {
    std::array<char, 16 * 1024> piece;
    const auto n = ::recv(from, piece.data(), piece.size(), MSG_DONTWAIT);
    if (n > 0) [[maybe_unused]]
      const auto sent = ::send(to, piece.data(), static_cast<std::size_t>(n), MSG_NOSIGNAL);
  }

  actors::nodes::node_address to_;
  std::string address_;
  std::atomic<bool> is_stopped_{false};
  int listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int near_ = -1;
  int far_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::thread thread_;
};

} // namespace

TEST_CASE("a peer that stops reading holds up no sender, and can be cut", "[nodes]") {
  two_nodes nodes{GENERATE(false, true)};
  auto between = std::make_unique<relay>(nodes.address);
  const auto dialled = nodes.dialler->dial(between->address());
  REQUIRE(dialled->problem() == "");
  auto accepted = nodes.host->next_accepted();
  REQUIRE(accepted.owner->await_up());
  between->stop();
  for (int i = 0; i < 64; ++i)
    dialled->link().send({0, 0, std::string(512 * 1024, 'x')});
  dialled->link().cut();
  CHECK(dialled->owner().await_down());
  between = nullptr;
  CHECK(accepted.owner->await_down());
  CHECK(accepted.owner->is_in_order());
  CHECK(nodes.dialler->dial(nodes.address)->problem() == "");
}

TEST_CASE("a connection that breaks under output raises no signal", "[nodes]") {
  // The default action would end the process.
  REQUIRE(::signal(SIGPIPE, SIG_DFL) != SIG_ERR);
  linked_nodes nodes{GENERATE(false, true)};
  for (int i = 0; i < 10; ++i) {
    auto between = std::make_unique<relay>(nodes.address);
    test_node other{nodes.settings};
    const auto dialled = other.dial(between->address());
    REQUIRE(dialled->problem() == "");
    auto accepted = nodes.host->next_accepted();
    REQUIRE(accepted.owner->await_up());
    between->stop();
    between = nullptr;
    for (int j = 0; j < 20; ++j) {
      accepted.link->send({0, 0, std::string(10'000, 'x')});
      dialled->link().send({0, 0, std::string(10'000, 'x')});
    }
    CHECK(dialled->owner().await_down());
    CHECK(accepted.owner->await_down());
  }
  nodes.check_link();
}
