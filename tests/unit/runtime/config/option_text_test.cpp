// The text form of option values.
#include "../../../support/catch.hpp"

#include <sake/runtime/config/option_text.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using namespace sake::option_text;
using namespace std::chrono_literals;

using cores = std::vector<std::size_t>;
using texts = std::vector<std::string>;

TEST_CASE("a duration is a whole number and its unit", "[options]") {
  CHECK(read_duration("250ms") == 250ms);
  CHECK(read_duration("30s") == 30s);
  CHECK(read_duration("5min") == 5min);
  CHECK(read_duration("1h") == 1h);
  CHECK(read_duration("0s") == 0s);
  for (const auto* text : {"", "30", "s", "-1s", "1.5s", "30 s", "30S", "1s1", "9223372036854776s"})
    CHECK(read_duration(text) == std::nullopt);
}

TEST_CASE("a size is a whole number and its unit", "[options]") {
  CHECK(read_size("500B") == 500);
  CHECK(read_size("64KiB") == 64 * 1024);
  CHECK(read_size("1MiB") == 1024 * 1024);
  CHECK(read_size("2GiB") == 2ull * 1024 * 1024 * 1024);
  for (const auto* text : {"", "64", "64K", "64kb", "KiB", "-1B", "8589934592GiB"})
    CHECK(read_size(text) == std::nullopt);
}

TEST_CASE("a boolean is on, off, true or false, and other text leaves it as it was", "[options]") {
  constexpr auto type = sake::option_type::boolean;
  for (const bool before : {false, true}) {
    bool value = before;
    for (const auto* text : {"", "yes", "no", "1", "0", "On", "TRUE", "on ", "tru", "enabled"}) {
      CAPTURE(text);
      CHECK_FALSE(read<type>(text, value));
      CHECK(value == before);
    }
    for (const auto* text : {"on", "true"}) {
      value = before;
      CHECK((read<type>(text, value) && value));
    }
    for (const auto* text : {"off", "false"}) {
      value = before;
      CHECK((read<type>(text, value) && !value));
    }
  }
}

TEST_CASE("cores are numbers and ranges", "[options]") {
  CHECK(read_cores("") == cores{});
  CHECK(read_cores("3") == cores{3});
  CHECK(read_cores("0,2-4,1") == cores{0, 2, 3, 4, 1});
  for (const auto* text :
       {",", "1,", ",1", "1,,2", "3-2", "-1", "1-", "a", "1 2", "1024", "0-1024"})
    CHECK(read_cores(text) == std::nullopt);
}

TEST_CASE("texts have commas between", "[options]") {
  CHECK(read_texts("") == texts{});
  CHECK(read_texts("a") == texts{"a"});
  CHECK(read_texts("a,b c,a") == texts{"a", "b c", "a"});
  for (const auto* text : {",", "a,", ",a", "a,,b"})
    CHECK(read_texts(text) == std::nullopt);
  for (const auto& list : {texts{}, texts{"a"}, texts{"a", "b"}})
    CHECK(read_texts(show_texts(list)) == list);
}

TEST_CASE("a shown value is read as the same value", "[options]") {
  for (const auto time : {0ms, 1ms, 1000ms, 1500ms, 60'000ms, 90'000ms, 3'600'000ms})
    CHECK(read_duration(show_duration(time)) == time);
  for (const std::uint64_t size : {0, 1, 500, 1024, 1536, 1 << 20, 1 << 30})
    CHECK(read_size(show_size(size)) == size);
  for (const auto& list : {cores{}, cores{0}, cores{1, 0}, cores{0, 1, 2, 5, 4, 5, 6}})
    CHECK(read_cores(show_cores(list)) == list);
}

TEST_CASE("a value is shown in its shortest form", "[options]") {
  CHECK(show_duration(30s) == "30s");
  CHECK(show_duration(1500ms) == "1500ms");
  CHECK(show_duration(2h) == "2h");
  CHECK(show_size(8192) == "8KiB");
  CHECK(show_size(8191) == "8191B");
  CHECK(show_cores({0, 1, 2, 3, 7}) == "0-3,7");
}
