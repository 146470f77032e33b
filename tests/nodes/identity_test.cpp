// Which nodes get a link: certificates, addresses, and refusals.
#include "certificates.hpp"
#include "support/captured_log.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "two_nodes.hpp"

#include <sake/actors/nodes/basp/node_identity.hpp>
#include <sake/actors/nodes/basp/resolver.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace sake;
using namespace sake::test;
using actors::nodes::node_identity;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

/// A node that listens with one certificate, and dials of nodes with others.
struct host_of {
  explicit host_of(const actors::node_settings& settings, const std::string& where = "127.0.0.1:0")
      : node(listening(settings, where)), address(node.listen()) {}

  static actors::node_settings listening(actors::node_settings settings, const std::string& where) {
    settings.listen = where;
    return settings;
  }

  std::shared_ptr<dial_recorder> dialled_by(const actors::node_settings& settings,
                                            const std::string& name = {}) {
    test_node dialler{settings};
    return dialler.dial(name.empty() ? address : name + '/' + address);
  }

  test_node node;
  std::string address;
};

// Connects with the program openssl, and returns its output.
std::string openssl_client(const std::string& address, std::vector<std::string> more = {}) {
  std::vector<std::string> command{"openssl", "s_client", "-connect",
                                   address,   "-tls1_3",  "-ign_eof"};
  command.insert(command.end(), more.begin(), more.end());
  const auto done = run_process(command);
  return done.output + done.errors;
}

// Waits for a line of another thread with `text`.
bool await_line(const captured_log& log, const std::string& text) {
  for (int i = 0; i < 2000 && log.count(text) == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  return log.count(text) == 1;
}

bool has(const std::vector<std::string>& lines, const std::string& text) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const auto& line) { return line.find(text) != std::string::npos; });
}

} // namespace

TEST_CASE("a certificate of another authority is refused", "[nodes]") {
  authority ours;
  authority theirs;
  ours.sign("node");
  theirs.sign("node");
  host_of host{ours.settings("node")};
  const auto stranger = host.dialled_by(theirs.settings("node"));
  CHECK_THAT(stranger->problem(), StartsWith("its certificate is refused: "));
  CHECK_FALSE(stranger->is_refused());

  // It trusts us, but we do not trust it.
  auto mixed = theirs.settings("node");
  mixed.authority = ours.own();
  captured_log log;
  CHECK_THAT(host.dialled_by(mixed)->problem(), ContainsSubstring("unknown ca"));
  CHECK(await_line(log, "its certificate is refused"));

  CHECK(host.dialled_by(ours.settings("node"))->problem() == "");
}

TEST_CASE("a certificate must name the address or the name that was dialled", "[nodes]") {
  authority ours;
  ours.sign("here");
  ours.sign("elsewhere", "IP:10.0.0.1,DNS:elsewhere.example");
  ours.sign("subject_only", "DNS:other.example");
  host_of elsewhere{ours.settings("elsewhere")};
  const auto here = ours.settings("here");
  CHECK(elsewhere.dialled_by(here)->problem() == "its certificate is refused: IP address mismatch");
  CHECK(elsewhere.dialled_by(here, "elsewhere.example")->problem() == "");
  CHECK_THAT(elsewhere.dialled_by(here, "other.example")->problem(),
             ContainsSubstring("ostname mismatch"));
  CHECK(host_of{ours.settings("here")}.dialled_by(ours.settings("elsewhere"))->problem() == "");
}

TEST_CASE("a peer without a certificate, or with one that has expired, is refused", "[nodes]") {
  authority ours;
  ours.sign("node");
  ours.sign("old", "IP:127.0.0.1", -1);
  host_of host{ours.settings("node")};
  {
    captured_log log;
    CHECK_THAT(openssl_client(host.address), ContainsSubstring("certificate required"));
    CHECK(await_line(log, "peer did not return a certificate"));
  }
  captured_log log;
  CHECK_THAT(
      openssl_client(host.address, {"-cert", ours.certificate("old"), "-key", ours.key("old")}),
      ContainsSubstring("certificate expired"));
  CHECK(await_line(log, "certificate has expired"));
  CHECK(host.dialled_by(ours.settings("node"))->problem() == "");
}

TEST_CASE("an older TLS is refused", "[nodes]") {
  authority ours;
  ours.sign("node");
  host_of host{ours.settings("node")};
  const auto done = run_process({"openssl", "s_client", "-connect", host.address, "-tls1_2"});
  CHECK_THAT(done.output + done.errors, ContainsSubstring("protocol version"));
  CHECK(host.dialled_by(ours.settings("node"))->problem() == "");
}

TEST_CASE("a node with TLS and one without do not understand each other", "[nodes]") {
  authority ours;
  ours.sign("node");
  host_of with{ours.settings("node")};
  host_of without{{}};
  CHECK_FALSE(with.dialled_by({})->problem().empty());
  CHECK_FALSE(without.dialled_by(ours.settings("node"))->problem().empty());
  CHECK(with.dialled_by(ours.settings("node"))->problem() == "");
  CHECK(without.dialled_by({})->problem() == "");
}

TEST_CASE("the reason of a refusal reaches the node that dials", "[nodes]") {
  two_nodes nodes{GENERATE(false, true)};
  nodes.host->refusal = "there are enough nodes";
  const auto dialled = nodes.dialler->dial(nodes.address);
  CHECK(dialled->problem() == "there are enough nodes");
  CHECK(dialled->is_refused());
  CHECK(dialled->owner().downs() == 0);
}

TEST_CASE("a node that dials may refuse the other", "[nodes]") {
  two_nodes nodes{GENERATE(false, true)};
  const auto by = std::make_shared<dial_recorder>();
  by->refusal = "not that one";
  nodes.dialler->dial_by(nodes.address, "me", by);
  REQUIRE(by->await());
  CHECK(by->problem() == "not that one");
  CHECK_FALSE(by->is_refused());
  const auto accepted = nodes.host->next_accepted();
  CHECK(accepted.owner->await_down());
  CHECK(accepted.owner->ups() == 0);
}

TEST_CASE("nodes talk over IPv6", "[nodes]") {
  authority ours;
  ours.sign("node");
  for (const auto& settings : {actors::node_settings{}, ours.settings("node")}) {
    host_of host{settings, "[::1]:0"};
    CHECK_THAT(host.address, StartsWith("[::1]:"));
    CHECK(host.dialled_by(settings)->problem() == "");
  }
}

TEST_CASE("without certificates nodes use loopback addresses only", "[nodes]") {
  captured_log log;
  host_of host{{}, "0.0.0.0:0"};
  CHECK(host.address.empty());
  CHECK(log.count("without certificates nodes listen on loopback addresses only") == 1);
  test_node dialler;
  CHECK(dialler.dial("192.0.2.1:7946")->problem()
        == "without certificates nodes dial loopback addresses only");
  CHECK(dialler.dial("localhost:7946")->problem() == "that is not a numeric address and a port");
}

TEST_CASE("a dial that nobody accepts fails with a reason", "[nodes]") {
  test_node dialler;
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&where), size) == 0);
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&where), &size) == 0);
  const auto address = "127.0.0.1:" + std::to_string(ntohs(where.sin_port));
  CHECK(dialler.dial(address)->problem() == "Connection refused");

  // The kernel connects, and no answer comes.
  REQUIRE(::listen(socket, 0) == 0);
  CHECK(dialler.dial(address)->problem() == "no introduction within 3 s");
  // The backlog is full: the kernel drops further connections.
  const auto waiting = std::make_shared<dial_recorder>();
  dialler.dial_by(address, "me", waiting);
  CHECK(dialler.dial(address)->problem() == "no connection within 1 s");
  ::close(socket);
  CHECK(waiting->await());
}

TEST_CASE("a network that closes ends its dials without a call", "[nodes]") {
  two_nodes nodes{true};
  const auto by = std::make_shared<dial_recorder>();
  nodes.dialler->run([&] {
    nodes.dialler->network().dial(nodes.address, "me", by);
    nodes.dialler->network().close();
  });
  const auto again = nodes.dialler->dial(nodes.address);
  CHECK(again->problem() == "");
  CHECK(by.use_count() == 1);
  CHECK_FALSE(by->has_link());
  CHECK(by->problem().empty());
}

TEST_CASE("certificates are exchanged while links live", "[nodes]") {
  authority ours;
  authority next;
  ours.sign("node");
  next.sign("node");
  host_of host{ours.settings("node")};
  test_node dialler{ours.settings("node")};
  const auto first = dialler.dial(host.address);
  REQUIRE(first->problem() == "");
  auto accepted = host.node.next_accepted();

  namespace fs = std::filesystem;
  const auto replace = [](const std::string& from, const std::string& to) {
    fs::copy_file(from, to + ".new");
    fs::rename(to + ".new", to);
  };
  replace(next.certificate("node"), ours.certificate("node"));
  replace(next.key("node"), ours.key("node"));
  replace(next.own(), ours.own());
  CHECK(host.dialled_by(next.settings("node"))->problem() == "");

  // Bad files change nothing, and are reported once.
  captured_log log;
  std::ofstream{ours.certificate("node")} << "nothing";
  fs::remove(ours.own());
  CHECK(host.dialled_by(next.settings("node"))->problem() == "");
  CHECK(host.dialled_by(next.settings("node"))->problem() == "");
  CHECK(log.count("cannot use the certificate of this node") == 2);
  CHECK(log.count("keeps_the_last=yes") == 2);

  first->link().send({0, 0, "the old link lives"});
  CHECK(accepted.owner->await_envelopes(1));
  accepted.link->send({0, 0, "both ways"});
  CHECK(first->owner().await_envelopes(1));
}

TEST_CASE("the check of certificates names each problem", "[nodes]") {
  authority ours;
  ours.sign("node");
  ours.sign("other");
  ours.sign("old", "IP:127.0.0.1", -1);
  CHECK(node_identity::check({}).empty());
  CHECK(node_identity::check(ours.settings("node")).empty());

  auto settings = ours.settings("node");
  settings.key = ours.key("other");
  CHECK(node_identity::check(settings)
        == std::vector{"the key in " + settings.key + " does not belong to the certificate in "
                       + settings.certificate});
  settings.key = settings.certificate;
  CHECK(has(node_identity::check(settings), "there is no key in PEM form, without a pass phrase"));

  settings = ours.settings("missing");
  settings.authority = ours.key("node");
  const auto problems = node_identity::check(settings);
  CHECK(problems.size() == 3);
  CHECK(has(problems,
            "cannot read the certificate " + settings.certificate + ": No such file or directory"));
  CHECK(has(problems, "cannot read the key"));
  CHECK(has(problems, "there is no certificate in PEM form in " + settings.authority));

  CHECK(node_identity::check(ours.settings("old"))
        == std::vector{"the certificate in " + ours.certificate("old") + " has expired"});
}

TEST_CASE("names of nodes are resolved beside the reactor", "[nodes]") {
  test_node node;
  std::unique_ptr<actors::nodes::resolver> names;
  // The resolver keeps the reactor of the node that it was made on.
  node.run([&] { names = std::make_unique<actors::nodes::resolver>(*actors::reactor::current()); });
  const auto ask = [&](const std::string& name) {
    auto answer =
        std::make_shared<std::promise<std::pair<std::vector<std::string>, std::string>>>();
    auto coming = answer->get_future();
    node.run([&] {
      names->resolve(name, [answer](std::vector<std::string> addresses, std::string problem) {
        answer->set_value({std::move(addresses), std::move(problem)});
      });
    });
    return coming.get();
  };
  const auto [addresses, none] = ask("localhost:7946");
  CHECK(none.empty());
  CHECK((has(addresses, "127.0.0.1:7946") || has(addresses, "[::1]:7946")));
  CHECK(ask("10.1.2.3:80").first == std::vector<std::string>{"10.1.2.3:80"});
  CHECK_FALSE(ask("no-such-host.invalid:80").second.empty());
  CHECK(ask("no port").second == "an address of a node is host:port");
  node.run([&] { names = nullptr; });
}
