#include "../../../support/catch.hpp"

#include <sake/http/detail/growing_octets.hpp>
#include <sake/http/detail/spare_octets.hpp>

#include <cstddef>
#include <string>
#include <string_view>

using sake::http::detail::growing_octets;
using sake::http::detail::spare_octets;

namespace {

// Writes `octets` where they stay, as much at a time as there is room for.
void fill(growing_octets& into, std::string_view octets) {
  while (!octets.empty()) {
    const auto room = into.room(octets.size());
    REQUIRE_FALSE(room.empty());
    REQUIRE(room.size() <= octets.size());
    octets.copy(room.data(), room.size());
    into.commit(room.size());
    octets.remove_prefix(room.size());
  }
}

} // namespace

TEST_CASE("octets are given back in order, however they came", "[http][growing_octets]") {
  const std::string first(100'000, 'a');
  const std::string second(200'000, 'b');
  growing_octets octets;
  CHECK(octets.empty());
  if (GENERATE(false, true))
    octets.expect(300'003);
  octets.append("xyz");
  fill(octets, first);
  octets.append(second.substr(0, 50'000));
  fill(octets, second.substr(50'000));
  CHECK(octets.size() == 300'003);
  CHECK(octets.take(2) == "xy");
  CHECK(octets.take(1'000'000) == "z" + first + second);
  CHECK(octets.empty());
  octets.append("again");
  CHECK(octets.take(10) == "again");
}

TEST_CASE("octets that are expected are not moved while they arrive", "[http][growing_octets]") {
  growing_octets octets;
  octets.expect(500'000);
  octets.append("begin");
  const char* const begin = octets.room(1).data() - 5;
  fill(octets, std::string(499'995, 'x'));
  const auto all = octets.take(500'000);
  CHECK(all.size() == 500'000);
  CHECK(all.data() == begin);
}

TEST_CASE("the memory that is touched before its octets come is bounded",
          "[http][growing_octets]") {
  growing_octets octets;
  octets.expect(100'000'000);
  CHECK(octets.room(100'000'000).size() == spare_octets::least);
  fill(octets, std::string(300'000, 'x'));
  CHECK(octets.room(100'000'000).size() <= 300'000 + spare_octets::least);
  // A few octets more do not cost another read.
  growing_octets nearly;
  fill(nearly, std::string(spare_octets::least, 'x'));
  CHECK(nearly.room(spare_octets::least + 10).size() == spare_octets::least);
  nearly.commit(spare_octets::least);
  CHECK(nearly.room(10).size() == 10);
}

TEST_CASE("the memory of large content is kept for the next, up to the limit of the thread",
          "[http][spare_octets]") {
  std::string used(300'000, 'x');
  const char* const memory = used.data();
  SECTION("a thread keeps none at first") {
    spare_octets::give(std::move(used));
    CHECK(spare_octets::held() == 0);
    CHECK(spare_octets::take(300'000).empty());
  }
  SECTION("a thread with a limit keeps it") {
    spare_octets::set_limit(400'000);
    spare_octets::give(std::move(used));
    CHECK(spare_octets::held() >= 300'000);
    spare_octets::give(std::string(300'000, 'y')); // past the limit
    CHECK(spare_octets::held() < 400'000);
    // Small content would hold much more than it needs.
    CHECK(spare_octets::take(100'000).empty());
    growing_octets octets;
    octets.expect(250'000);
    CHECK(spare_octets::held() == 0);
    fill(octets, std::string(250'000, 'z'));
    const auto content = octets.take(250'000);
    CHECK(content.data() == memory);
    CHECK(content == std::string(250'000, 'z'));
  }
  SECTION("a thread gives it back") {
    spare_octets::set_limit(1'000'000);
    spare_octets::give(std::move(used));
    spare_octets::give(std::string(300'000, 'y'));
    spare_octets::drop();
    CHECK(spare_octets::held() == 0);
    spare_octets::give(std::string(300'000, 'y'));
    CHECK(spare_octets::held() != 0);
  }
  spare_octets::set_limit(0);
  CHECK(spare_octets::held() == 0);
}
