#include "../../support/catch.hpp"
#include "../../support/memory_file.hpp"
#include "../../support/octets_of.hpp"

#include <sake/http/output.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>

using sake::http::file_part;
using sake::http::kept_octets;
using sake::http::output;
using sake::test::file_of;
using sake::test::octets_of;

namespace {

kept_octets kept(std::string octets) {
  auto owner = std::make_shared<const std::string>(std::move(octets));
  return {*owner, owner};
}

} // namespace

TEST_CASE("An output without pieces is one run", "[http][output]") {
  output out;
  CHECK(out.empty());
  out.append("head");
  out.octets().append("er");
  CHECK(out.is_one_run());
  CHECK(out.run() == "header");
  out.consume(4);
  CHECK(out.run() == "er");
  CHECK(out.size() == 2);
  out.consume(2);
  CHECK(out.empty());
}

TEST_CASE("An output keeps the order of its pieces", "[http][output]") {
  output out;
  out.append("one ");
  out.append(kept("two "));
  out.append(file_part{file_of("not three not"), 4, 6});
  out.append("four");
  CHECK(out.size() == 18);
  CHECK_FALSE(out.is_one_run());
  CHECK(out.run() == "one ");
  std::array<std::string_view, 4> views;
  REQUIRE(out.gather(views) == 2);
  CHECK(views[0] == "one ");
  CHECK(views[1] == "two ");
  REQUIRE(out.next_file() != nullptr);
  CHECK(out.next_file()->offset == 4);
  out.consume(9);
  CHECK(out.next_file()->offset == 5);
  CHECK(out.next_file()->length == 5);
  CHECK(out.gather(views) == 0);
  out.consume(5);
  CHECK(out.next_file() == nullptr);
  CHECK(out.is_one_run());
  CHECK(out.run() == "four");
}

TEST_CASE("An output ignores empty pieces", "[http][output]") {
  output out;
  out.append(kept(""));
  out.append(file_part{file_of("content"), 3, 0});
  CHECK(out.empty());
  CHECK(out.is_one_run());
}

TEST_CASE("A consumed piece is released", "[http][output]") {
  output out;
  const auto owner = std::make_shared<const std::string>("octets");
  out.append(kept_octets{*owner, owner});
  out.append(kept_octets{*owner, owner});
  CHECK(owner.use_count() == 3);
  out.consume(5);
  CHECK(owner.use_count() == 3);
  out.consume(1);
  CHECK(owner.use_count() == 2);
  out.clear();
  CHECK(owner.use_count() == 1);
}

TEST_CASE("A file shorter than its part ends a copy early", "[http][output]") {
  output out;
  out.append("head");
  out.append(file_part{file_of("short"), 0, 10});
  out.append("tail");
  CHECK(octets_of(out) == "headshort");
  out.consume(9);
  std::array<char, 8> to;
  CHECK(out.copy(to.data(), to.size()) == 0);
}

TEST_CASE("An output agrees with a text, whatever is appended and consumed", "[http][output]") {
  const auto seed = GENERATE(range(1u, 60u));
  std::mt19937 random{seed};
  const auto up_to = [&](std::size_t most) {
    return std::uniform_int_distribution<std::size_t>{0, most}(random);
  };
  const auto some = [&] {
    std::string octets(up_to(20), '\0');
    std::generate(octets.begin(), octets.end(), [&] { return static_cast<char>('a' + up_to(25)); });
    return octets;
  };
  output out;
  std::string expected;
  for (int step = 0; step < 200; ++step) {
    const std::string added = some();
    output other;
    switch (up_to(5)) {
      case 0:
        out.append(added);
        expected += added;
        break;
      case 1:
        out.append(kept(added));
        expected += added;
        break;
      case 2:
        out.append(file_part{file_of("x" + added + "y"), 1, added.size()});
        expected += added;
        break;
      case 3:
        other.append("<");
        other.append(kept(added));
        other.append(">");
        out.append(other);
        CHECK(other.empty());
        expected += '<' + added + '>';
        break;
      default:
        break;
    }
    const auto consumed = up_to(std::min<std::size_t>(expected.size(), 30));
    out.consume(consumed);
    expected.erase(0, consumed);
    REQUIRE(octets_of(out) == expected);
    REQUIRE(out.size() == expected.size());
    std::array<std::string_view, 3> views;
    std::string front;
    for (std::size_t i = 0, n = out.gather(views); i < n; ++i)
      front += views[i];
    REQUIRE(expected.starts_with(front));
  }
}
