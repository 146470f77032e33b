// The rules for the options of a node.
#include "../../../support/catch.hpp"
#include "../../../support/scratch_file.hpp"
#include "../../../support/scratch_folder.hpp"

#include <sake/runtime/config/config.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <sys/stat.h>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

using lines = std::vector<std::string>;

namespace {

lines errors_of(const node_settings& node) {
  return config{}.with_node(node).check();
}

/// A node on loopback, which needs nothing else.
node_settings local_node() {
  node_settings node;
  node.listen = "127.0.0.1:7600";
  return node;
}

/// A node with files for TLS, as far as the configuration looks at them.
struct tls_node {
  scratch_file certificate{"a certificate"};
  scratch_file key{"a key"};
  scratch_file authority{"an authority"};

  [[nodiscard]] node_settings settings() const {
    node_settings node;
    node.certificate = certificate.path();
    node.key = key.path();
    node.authority = authority.path();
    return node;
  }
};

} // namespace

// -- addresses ------------------------------------------------------------------------

TEST_CASE("a node listens on a numeric address and a port", "[config][nodes]") {
  const tls_node tls;
  auto node = tls.settings();
  for (const auto* good : {"127.0.0.1:7600", "10.0.0.1:0", "[::1]:65535", "[2001:db8::1]:7600",
                           "[::ffff:10.0.0.1]:7600"}) {
    CAPTURE(good);
    node.listen = good;
    CHECK(errors_of(node) == lines{});
  }
}

TEST_CASE("a node joins numeric addresses and host names, each with a port", "[config][nodes]") {
  const tls_node tls;
  auto node = tls.settings();
  node.join = {"10.0.0.1:1",      "[2001:db8::1]:65535",
               "localhost:7600",  "node-1.example.org:7600",
               "sake_nodes:7600", "3com.com:7600"};
  CHECK(errors_of(node) == lines{});
}

TEST_CASE("a malformed address of a node is reported with the reason", "[config][nodes]") {
  const std::string form = "an address of a node is host:port";
  const std::string brackets = "an IPv6 address stands in brackets, as in [::1]:7600";
  const std::string host = "the host is neither an IP address nor a name";
  const std::string port = "the port is a number from ";
  const auto check = [](const std::string& address, const std::string& error,
                        const std::string& error_in_join) {
    auto listening = local_node();
    listening.listen = address;
    CHECK(errors_of(listening) == lines{"node.listen \"" + address + "\": " + error});
    auto joining = local_node();
    joining.join = {"127.0.0.1:7601", address};
    CHECK(errors_of(joining) == lines{"node.join \"" + address + "\": " + error_in_join});
  };
  for (const auto* bad : {"7600", ":7600", "127.0.0.1", "localhost", "[::1]"})
    check(bad, form, form);
  for (const auto* bad : {"::1", "::1:7600", "2001:db8::1:7600", "unix:/run/sake:1"})
    check(bad, brackets, brackets);
  for (const auto* bad : {"[]:7600", "[localhost]:7600", "[127.0.0.1]:7600", "[::1:7600",
                          "10.0.0.256:7600", "127.1:7600", "a b:7600", "-a:7600", "a-:7600",
                          "a..b:7600", ".a:7600", "a.:7600", "a/b:7600"})
    check(bad, host, host);
  check(std::string(64, 'a') + ":7600", host, host);
  for (const auto* bad : {"127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:65536",
                          "[::1]:99999999999999999999", "127.0.0.1: 80"})
    check(bad, port + "0 to 65535", port + "1 to 65535");
}

TEST_CASE("a node joins no port 0", "[config][nodes]") {
  auto node = local_node();
  node.join = {"127.0.0.1:0"};
  CHECK(errors_of(node)
        == lines{"node.join \"127.0.0.1:0\": the port is a number from 1 to 65535"});
}

TEST_CASE("a host name to listen on is reported", "[config][nodes]") {
  auto node = local_node();
  node.listen = "localhost:7600";
  CHECK(errors_of(node)
        == lines{"node.listen \"localhost:7600\": the host must be numeric, as in 10.0.0.1:7600 or "
                 "[::1]:7600"});
}

TEST_CASE("an address that stands for all of a machine is reported", "[config][nodes]") {
  const tls_node tls;
  for (const std::string all : {"0.0.0.0:7600", "[::]:7600", "[::ffff:0.0.0.0]:7600"}) {
    auto node = tls.settings();
    node.listen = all;
    node.join = {all};
    CHECK(errors_of(node)
          == lines{"node.listen \"" + all
                       + "\": other nodes are told the address, so it must be an address that they "
                         "can reach, not all of this machine",
                   "node.join \"" + all + "\": no node can be reached at it"});
  }
}

// -- TLS ------------------------------------------------------------------------------

TEST_CASE("without TLS a node stays on loopback", "[config][nodes]") {
  auto node = local_node();
  node.join = {"127.0.0.2:7600", "[::1]:7600", "localhost:7600", "[::ffff:127.0.0.1]:7600"};
  CHECK(errors_of(node) == lines{});
  const std::string rule = " needs node.certificate, node.key and node.authority: without TLS "
                           "nodes talk over loopback only";
  for (const std::string outside : {"10.0.0.1:7600", "[2001:db8::1]:7600"}) {
    node.listen = outside;
    node.join = {"127.0.0.1:7600", outside, "10.0.0.9:7600"};
    CHECK(errors_of(node) == lines{"node.listen " + outside + rule, "node.join " + outside + rule});
  }
  node = local_node();
  node.join = {"localhost.example.org:7600"};
  CHECK(errors_of(node) == lines{"node.join localhost.example.org:7600" + rule});
}

TEST_CASE("certificate, key and authority go together", "[config][nodes]") {
  const tls_node tls;
  const std::string rule = " is missing: node.certificate, node.key and node.authority go together";
  auto node = tls.settings();
  node.listen = "10.0.0.1:7600";
  CHECK(errors_of(node) == lines{});
  node.key.clear();
  CHECK(errors_of(node) == lines{"node.key" + rule});
  node.certificate.clear();
  CHECK(errors_of(node) == lines{"node.certificate" + rule, "node.key" + rule});
}

TEST_CASE("the files of a node must be readable", "[config][nodes]") {
  const scratch_folder folder;
  const auto pipe = (folder.path / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  auto node = local_node();
  node.certificate = "/nowhere/node.crt";
  node.key = "/";
  node.authority = pipe;
  CHECK(errors_of(node)
        == lines{"node.certificate /nowhere/node.crt cannot be read: No such file or directory",
                 "node.key / cannot be read: Is a directory",
                 "node.authority " + pipe + " cannot be read: it is no regular file"});
}

// -- names ----------------------------------------------------------------------------

TEST_CASE("a node is named by 1 to 64 letters, digits, '-', '_' or '.'", "[config][nodes]") {
  auto node = local_node();
  for (const auto& good :
       {std::string{}, std::string{"a"}, std::string{"Node-1_b.example"}, std::string(64, 'x')}) {
    node.name = good;
    CHECK(errors_of(node) == lines{});
  }
  for (const auto& bad : {std::string{"a b"}, std::string{"a:1"}, std::string{"é"},
                          std::string{"a/b"}, std::string(65, 'x')}) {
    node.name = bad;
    CHECK(
        errors_of(node)
        == lines{"node.name must be 1 to 64 letters, digits, '-', '_' or '.', not \"" + bad + '"'});
  }
}

TEST_CASE("members have the names of nodes, each once, this node among them", "[config][nodes]") {
  auto node = local_node();
  node.members = {"a", "b"};
  CHECK(errors_of(node) == lines{});
  node.name = "b";
  CHECK(errors_of(node) == lines{});
  node.name = "c";
  CHECK(errors_of(node) == lines{"node.members must hold node.name, \"c\", not only a,b"});
  node.name.clear();
  node.members = {"a", "b", "a", "", "c d"};
  CHECK(errors_of(node)
        == lines{"node.members must be names of 1 to 64 letters, digits, '-', '_' or '.', not \"\"",
                 "node.members must be names of 1 to 64 letters, digits, '-', '_' or '.', not "
                 "\"c d\"",
                 "node.members names \"a\" twice"});
}

TEST_CASE("a node that joins others is not the only member", "[config][nodes]") {
  auto node = local_node();
  node.name = "a";
  node.members = {"a"};
  CHECK(errors_of(node) == lines{});
  node.join = {"127.0.0.1:7601"};
  CHECK(errors_of(node)
        == lines{"node.members must hold the names of other nodes too: node.join has addresses of "
                 "others"});
}

// -- times and the rest -----------------------------------------------------------------

TEST_CASE("heartbeat, suspicion, death and stable follow each other", "[config][nodes]") {
  auto node = local_node();
  node.heartbeat = 10ms;
  node.suspicion = 11ms;
  node.death = 12ms;
  node.stable = 12ms;
  CHECK(errors_of(node) == lines{});
  node.heartbeat = 9ms;
  CHECK(errors_of(node) == lines{"node.heartbeat must be 10ms to 8760h, not 9ms"});
  node.heartbeat = 11ms;
  CHECK(errors_of(node) == lines{"node.suspicion must be longer than node.heartbeat"});
  node.heartbeat = 10ms;
  node.suspicion = 12ms;
  CHECK(errors_of(node) == lines{"node.death must be longer than node.suspicion"});
  node.suspicion = 11ms;
  node.stable = 11ms;
  CHECK(errors_of(node) == lines{"node.stable must not be shorter than node.death"});
}

TEST_CASE("a role that its enumeration does not have is reported", "[config][nodes]") {
  auto node = local_node();
  node.role = static_cast<node_role>(3);
  CHECK(errors_of(node) == lines{"node.role must be one of both, front, worker, not 3"});
}

TEST_CASE("options of a node without an address have no effect, and are reported",
          "[config][nodes]") {
  const std::string rule = " has no effect without node.listen or node.join";
  node_settings node;
  node.role = node_role::worker;
  CHECK(errors_of(node) == lines{"node.role" + rule});
  node.role = node_role::front;
  node.name = "a";
  node.key = "/nowhere";
  node.members = {"b"};
  node.heartbeat = 400ms;
  node.credit = 1;
  CHECK(errors_of(node)
        == lines{"node.name" + rule, "node.role" + rule, "node.key" + rule, "node.members" + rule,
                 "node.heartbeat" + rule, "node.credit" + rule});
  node.name.clear();
  node.key.clear();
  node.members.clear();
  node.join = {"localhost:7600"};
  CHECK(errors_of(node) == lines{});
}

TEST_CASE("an error of a node is one line, whatever the program has set", "[config][nodes]") {
  auto node = local_node();
  node.name = "a\nb";
  node.listen = "c\r:1";
  node.join = {"d\x1b:1"};
  node.members = {"e\nf", "g\nh"};
  node.certificate = "i\nj";
  const auto errors = errors_of(node);
  CHECK(errors.size() == 9);
  for (const auto& each : errors) {
    CAPTURE(each);
    CHECK(each.find_first_of("\n\r\x1b") == std::string::npos);
  }
}
