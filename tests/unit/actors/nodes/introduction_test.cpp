#include "../../../support/catch.hpp"

#include <sake/actors/nodes/introduction.hpp>

#include <cstddef>
#include <string>

using sake::actors::node_role;
using sake::actors::nodes::decode_introduction;
using sake::actors::nodes::introduction;

namespace {

introduction sample() {
  return {.min_version = 1,
          .max_version = 3,
          .id = 0x0123456789abcdef,
          .name = "w1",
          .address = "10.0.0.1:7600",
          .role = node_role::worker,
          .is_draining = true,
          .width = 8,
          .credit = 256,
          .reactors = 4,
          .routes = {7, 1ULL << 63}};
}

} // namespace

TEST_CASE("an introduction is read as it was written", "[nodes]") {
  CHECK(decode_introduction(encode(sample())) == sample());
}

TEST_CASE("an introduction that ends early is malformed", "[nodes]") {
  const auto whole = encode(sample());
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_FALSE(decode_introduction({whole.data(), size}).has_value());
}

TEST_CASE("what a later version adds to an introduction is ignored", "[nodes]") {
  CHECK(decode_introduction(encode(sample()) + "more") == sample());
}

TEST_CASE("an introduction with senseless values is malformed", "[nodes]") {
  auto bad = sample();
  SECTION("no name") {
    bad.name.clear();
  }
  SECTION("a name with a line end") {
    bad.name = "a\nb";
  }
  SECTION("a long name") {
    bad.name = std::string(65, 'a');
  }
  SECTION("versions in the wrong order") {
    bad.min_version = 4;
  }
  SECTION("no reactor") {
    bad.reactors = 0;
  }
  SECTION("more reactors than a node may have") {
    bad.reactors = 1025;
  }
  SECTION("an unknown role") {
    bad.role = static_cast<node_role>(3);
  }
  SECTION("more workers than any machine has") {
    bad.width = 1U << 21;
  }
  CHECK_FALSE(decode_introduction(encode(bad)).has_value());
}
