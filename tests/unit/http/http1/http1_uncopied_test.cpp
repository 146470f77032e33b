// Responses whose content goes out without a copy.
#include "../../../support/catch.hpp"
#include "../../../support/memory_file.hpp"
#include "../../../support/octets_of.hpp"
#include "../../../support/peerless_connection.hpp"
#include "../../../support/wire.hpp"

#include <sake/http/wire/message.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace sake::http;
using sake::test::file_of;
using sake::test::get;
using sake::test::octets_of;
using sake::test::peerless_connection;

namespace {

struct uncopied_fixture : peerless_connection {
  std::string answer(std::string_view request, response with) {
    (void)protocol->receive(request);
    protocol->respond(ids.back(), std::move(with));
    has_more = protocol->encode(out, {}).has_more();
    return octets_of(out);
  }
  output out;
  bool has_more = false;
};

} // namespace

TEST_CASE("A response sends octets that somebody else keeps", "[http][uncopied]") {
  uncopied_fixture on;
  const auto owner = std::make_shared<const std::string>(uncopied_content_bytes, 'k');
  response with;
  with.content(kept_octets{*owner, owner});
  CHECK(with.content() == *owner);
  CHECK(with.content_length() == owner->size());
  CHECK(on.answer(get("/"), with)
        == "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(owner->size()) + "\r\n\r\n"
               + *owner);
  CHECK_FALSE(on.out.is_one_run());
  with = response{};
  on.out.clear();
  CHECK(owner.use_count() == 1);
}

TEST_CASE("A response sends a part of a file", "[http][uncopied]") {
  uncopied_fixture on;
  response with;
  with.content(file_part{file_of("0123456789"), 2, 5});
  CHECK(with.content().empty());
  CHECK(with.content_length() == 5);
  CHECK(on.answer(get("/"), with) == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n23456");
  REQUIRE(on.out.next_file() != nullptr);
  CHECK(on.out.next_file()->offset == 2);
}

TEST_CASE("HEAD gets the length of a file and no content", "[http][uncopied]") {
  uncopied_fixture on;
  response with;
  with.content(file_part{file_of("0123456789"), 2, 5});
  CHECK(on.answer("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", with)
        == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
}

TEST_CASE("A status without content sends no file", "[http][uncopied]") {
  uncopied_fixture on;
  response with{304};
  with.content(file_part{file_of("0123456789"), 2, 5});
  CHECK(on.answer(get("/"), with) == "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST_CASE("Later responses wait until a large file has gone out", "[http][uncopied]") {
  uncopied_fixture on;
  (void)on.protocol->receive(get("/file") + get("/next"));
  response with;
  with.content(file_part{file_of("sparse"), 0, 1024 * 1024});
  on.protocol->respond(1, response{with});
  on.protocol->respond(2, response::text(200, "next"));
  CHECK(on.protocol->encode(on.out, {}).has_more());
  CHECK(on.out.next_file() != nullptr);
  on.out.clear();
  CHECK_FALSE(on.protocol->encode(on.out, {}).has_more());
  CHECK(on.out.run().ends_with("\r\n\r\nnext"));
}

TEST_CASE("Content that is set last replaces the one before", "[http][uncopied]") {
  response with;
  with.content(file_part{file_of("0123456789"), 2, 5});
  with.content("text");
  CHECK(with.content() == "text");
  CHECK(with.content_length() == 4);
  with.content(file_part{file_of("0123456789"), 2, 5});
  response copy = with;
  copy.set_header("X-Copy", "1"); // gets its own data
  CHECK(copy.content_length() == 5);
}

TEST_CASE("A part of a file has no wire form", "[http][uncopied]") {
  response with;
  with.content(file_part{file_of("0123456789"), 2, 5});
  std::string out;
  CHECK_THROWS_AS(wire::encode(out, with), std::logic_error);
  const auto owner = std::make_shared<const std::string>("kept");
  with.content(kept_octets{*owner, owner});
  wire::encode(out, with);
  CHECK(wire::decode_response(out)->content() == "kept");
}

TEST_CASE("Content from a file that cannot be is refused", "[http][uncopied]") {
  CHECK_THROWS_AS(file{-1}, std::invalid_argument);
  const auto from = file_of("content");
  const std::uint64_t longest = std::numeric_limits<std::int64_t>::max();
  response to{200};
  CHECK_THROWS_AS(to.content(file_part{nullptr, 0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(to.content(file_part{from, 0, longest + 1}), std::invalid_argument);
  CHECK_THROWS_AS(to.content(file_part{from, longest, 1}), std::invalid_argument);
  CHECK_THROWS_AS(to.content(file_part{from, longest + 1, 0}), std::invalid_argument);
  CHECK_NOTHROW(to.content(file_part{from, 1, longest - 1}));
}
