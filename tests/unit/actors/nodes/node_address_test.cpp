#include "support/catch.hpp"

#include <sake/actors/nodes/node_address.hpp>

#include <string>

using sake::actors::nodes::node_address;

TEST_CASE("an address of a node is numeric, with a port", "[nodes]") {
  for (const std::string text : {"127.0.0.1:7946", "[::1]:1", "10.0.0.7:65535", "[fe80::1]:80"}) {
    const auto read = node_address::parse(text);
    REQUIRE(read);
    CHECK(read->to_string() == text);
    CHECK(read->name.empty());
  }
  for (const std::string text : {"", "7946", "localhost:1", "127.0.0.1", "127.0.0.1:", "1.2.3:4",
                                 "127.0.0.1:65536", "::1:80", "[::1]", "127.0.0.1:1x", ":80"})
    CHECK_FALSE(node_address::parse(text));
}

TEST_CASE("an address of a node may come with the name that its certificate is for", "[nodes]") {
  const auto read = node_address::parse("db1.example/10.0.0.7:7946");
  REQUIRE(read);
  CHECK(read->name == "db1.example");
  CHECK(read->to_string() == "10.0.0.7:7946");
}

TEST_CASE("loopback addresses of nodes are known", "[nodes]") {
  const auto is_loopback = [](const char* text) {
    return node_address::parse(text)->is_loopback();
  };
  CHECK(is_loopback("127.0.0.1:1"));
  CHECK(is_loopback("127.9.0.1:1"));
  CHECK(is_loopback("[::1]:1"));
  CHECK(is_loopback("[::ffff:127.0.0.1]:1"));
  CHECK_FALSE(is_loopback("0.0.0.0:1"));
  CHECK_FALSE(is_loopback("[::]:1"));
  CHECK_FALSE(is_loopback("128.0.0.1:1"));
  CHECK_FALSE(is_loopback("[::ffff:10.0.0.1]:1"));
}
