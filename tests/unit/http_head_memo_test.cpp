// Heads that came before are found again to the octet, and nothing else is.
#include "../support/catch.hpp"
#include "../support/decode.hpp"

#include <sake/http/head_memo.hpp>

#include <string>
#include <string_view>

using namespace sake::http;

namespace {

const limits bounds;

// What a decoder makes of `input` with this memo.
std::string decode(std::string_view input, head_memo& memo) {
  return to_text(test::decode(input, bounds, input.size(), input.size(), &memo));
}

std::string decode(std::string_view input) {
  return to_text(test::decode(input));
}

const std::string plain = "GET /a?b=1 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n";

} // namespace

TEST_CASE("a head that came lately is found, with all that was read from it", "[http][memo]") {
  head_memo memo;
  CHECK_FALSE(memo.find(plain));
  CHECK(decode(plain, memo) == decode(plain));
  const auto found = memo.find(plain + "GET /behind");
  REQUIRE(found);
  CHECK(found->data().head + "\r\n" == plain);
  CHECK(found->path() == "/a");
  CHECK(found->query() == "b=1");
  CHECK(found->header("accept") == "*/*");
  CHECK(decode(plain, memo) == decode(plain));
}

TEST_CASE("what is done to a found request is not found again", "[http][memo]") {
  head_memo memo;
  (void)decode(plain, memo);
  auto found = memo.find(plain);
  REQUIRE(found);
  found->data().content = "content";
  found->data().path = {};
  found.reset();
  CHECK(decode(plain, memo) == decode(plain));
}

TEST_CASE("a head that differs in one octet, or ends elsewhere, is not found", "[http][memo]") {
  head_memo memo;
  (void)decode(plain, memo);
  for (std::size_t at = 0; at < plain.size(); ++at) {
    std::string other = plain;
    other[at] ^= 1;
    CAPTURE(at);
    CHECK_FALSE(memo.find(other));
    CHECK_FALSE(memo.find(std::string_view{plain}.substr(0, at)));
  }
  // The known head without its empty line, and then one more field: a longer head.
  const std::string longer = plain.substr(0, plain.size() - 2) + "Content-Length: 5\r\n\r\nhello";
  CHECK_FALSE(memo.find(longer));
  CHECK(decode(longer, memo) == decode(longer));
}

TEST_CASE("an empty line before a head is not taken for a part of it", "[http][memo]") {
  head_memo memo;
  const std::string input = "\r\n" + plain;
  for (int i = 0; i < 3; ++i) {
    CHECK(decode(input, memo) == decode(input));
    CHECK(decode(plain, memo) == decode(plain));
  }
}

// Such a head stands in the request with a Host that nobody sent; were it remembered so, a client
// that does send that Host could be taken for one whose head ends before it.
TEST_CASE("a head that the parser amended is not remembered (RFC 9112 §3.2.2)", "[http][memo]") {
  head_memo memo;
  const std::string bare = "GET http://a/p HTTP/1.0\r\n\r\n";
  const std::string with_host = "GET http://a/p HTTP/1.0\r\nHost: a\r\n\r\n";
  const std::string other_host = "GET http://a/p HTTP/1.1\r\nHost: b\r\n\r\n";
  for (int i = 0; i < 20; ++i)
    for (const auto& input : {bare, with_host, other_host, bare + "Host: a\r\n\r\n",
                              bare + with_host, with_host + bare, other_host + plain}) {
      CAPTURE(input);
      CHECK(decode(input, memo) == decode(input));
    }
  CHECK_FALSE(memo.find(bare));
}

TEST_CASE("content keeps a head out of the memo", "[http][memo]") {
  head_memo memo;
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx";
  const std::string chunked =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (int i = 0; i < 20; ++i) {
    CHECK(decode(post, memo) == decode(post));
    CHECK(decode(chunked, memo) == decode(chunked));
  }
  CHECK_FALSE(memo.find(post));
  CHECK_FALSE(memo.find(chunked));
}

TEST_CASE("clients that never repeat themselves do not drive out all who do", "[http][memo]") {
  head_memo memo;
  (void)decode(plain, memo);
  for (int i = 0; i < 16; ++i)
    (void)decode("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n", memo);
  CHECK(memo.find(plain)); // one place in four per eight of them
}

TEST_CASE("a long head is not remembered", "[http][memo]") {
  head_memo memo;
  const std::string input =
      "GET / HTTP/1.1\r\nHost: x\r\nCookie: " + std::string(4000, 'c') + "\r\n\r\n";
  for (int i = 0; i < 20; ++i)
    CHECK(decode(input, memo) == decode(input));
  CHECK_FALSE(memo.find(input));
}
