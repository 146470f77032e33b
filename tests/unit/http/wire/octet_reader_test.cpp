// Numbers and texts in wire form, both ways.
#include "../../../support/catch.hpp"

#include <sake/http/wire/octet_reader.hpp>
#include <sake/http/wire/octet_writer.hpp>

#include <string>
#include <string_view>

using namespace std::string_view_literals;
using sake::http::wire::octet_reader;
using sake::http::wire::octet_writer;

TEST_CASE("numbers have their most significant octet first", "[http][wire]") {
  std::string out = "before ";
  octet_writer to{out};
  to.u8(0xfe);
  to.u16(0xfedc);
  to.u32(0xfedcba98);
  to.u64(0xfedcba9876543210);
  CHECK(out
        == "before \xfe"
           "\xfe\xdc"
           "\xfe\xdc\xba\x98"
           "\xfe\xdc\xba\x98\x76\x54\x32\x10");
  octet_reader from{std::string_view{out}.substr(7)};
  CHECK(from.u8() == 0xfe);
  CHECK(from.u16() == 0xfedc);
  CHECK(from.u32() == 0xfedcba98);
  CHECK_FALSE(from.is_at_end());
  CHECK(from.u64() == 0xfedcba9876543210);
  CHECK(from.is_at_end());
}

TEST_CASE("a text is its length, then its octets", "[http][wire]") {
  std::string out;
  octet_writer to{out};
  to.text("a\0b"sv);
  const auto place = to.begin_text();
  to.octets("four");
  octet_writer{out}.text({});
  to.end_text(place);
  CHECK(out == "\0\0\0\3a\0b\0\0\0\10four\0\0\0\0"sv);
  octet_reader from{out};
  CHECK(from.text() == "a\0b"sv);
  CHECK(from.text() == "four\0\0\0\0"sv);
  CHECK(from.is_at_end());
}

TEST_CASE("a read past the end fails, and so do all later ones", "[http][wire]") {
  octet_reader short_text{"\0\0\0\2a"sv};
  CHECK(short_text.text().empty());
  CHECK(short_text.has_failed());
  CHECK_FALSE(short_text.is_at_end());
  CHECK(short_text.u8() == 0);
  CHECK(short_text.octets(0).empty());
  CHECK(short_text.has_failed());
  octet_reader short_number{"\1"sv};
  CHECK(short_number.u16() == 0);
  CHECK(short_number.u8() == 0);
}
