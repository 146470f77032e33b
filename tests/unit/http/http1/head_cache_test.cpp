// A cached head is found again only if it is equal in every octet.
#include "../../../support/catch.hpp"
#include "../../../support/decode.hpp"

#include <sake/http/http1/head_cache.hpp>

#include <string>
#include <string_view>

using namespace sake::http;

namespace {

const limits max;

// The result of decoding `input` with this cache.
std::string decode(std::string_view input, head_cache& cache) {
  return to_text(sake::test::decode(input, max, input.size(), input.size(), &cache));
}

std::string decode(std::string_view input) {
  return to_text(sake::test::decode(input));
}

const std::string plain = "GET /a?b=1 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n";

} // namespace

TEST_CASE("a cached head is found with everything that was read from it", "[http][cache]") {
  head_cache cache;
  CHECK_FALSE(cache.find(plain));
  CHECK(decode(plain, cache) == decode(plain));
  const auto found = cache.find(plain + "GET /behind");
  REQUIRE(found);
  CHECK(found->data().head + "\r\n" == plain);
  CHECK(found->path() == "/a");
  CHECK(found->query() == "b=1");
  CHECK(found->header("accept") == "*/*");
  CHECK(decode(plain, cache) == decode(plain));
}

TEST_CASE("a change to a found request does not change the cached head", "[http][cache]") {
  head_cache cache;
  (void)decode(plain, cache);
  auto found = cache.find(plain);
  REQUIRE(found);
  found->data().content = "content";
  found->data().path = {};
  found.reset();
  CHECK(decode(plain, cache) == decode(plain));
}

TEST_CASE("a head that differs in one octet, or ends elsewhere, is not found", "[http][cache]") {
  head_cache cache;
  (void)decode(plain, cache);
  for (std::size_t at = 0; at < plain.size(); ++at) {
    std::string other = plain;
    other[at] ^= 1;
    CAPTURE(at);
    CHECK_FALSE(cache.find(other));
    CHECK_FALSE(cache.find(std::string_view{plain}.substr(0, at)));
    REQUIRE(cache.find(plain)); // it is looked for every time
  }
  // A longer head: the cached one without its empty line, and another field.
  const std::string longer = plain.substr(0, plain.size() - 2) + "Content-Length: 5\r\n\r\nhello";
  CHECK_FALSE(cache.find(longer));
  CHECK(decode(longer, cache) == decode(longer));
}

TEST_CASE("an empty line before a head does not become part of the cached head", "[http][cache]") {
  head_cache cache;
  const std::string input = "\r\n" + plain;
  for (int i = 0; i < 3; ++i) {
    CHECK(decode(input, cache) == decode(input));
    CHECK(decode(plain, cache) == decode(plain));
  }
}

// The parser gives such a request a Host field that the client did not send. In the cache it could
// match the beginning of a longer head that does have that Host.
TEST_CASE("a head that the parser amended is not cached (RFC 9112 §3.2.2)", "[http][cache]") {
  head_cache cache;
  const std::string bare = "GET http://a/p HTTP/1.0\r\n\r\n";
  const std::string with_host = "GET http://a/p HTTP/1.0\r\nHost: a\r\n\r\n";
  const std::string other_host = "GET http://a/p HTTP/1.1\r\nHost: b\r\n\r\n";
  for (int i = 0; i < 20; ++i)
    for (const auto& input : {bare, with_host, other_host, bare + "Host: a\r\n\r\n",
                              bare + with_host, with_host + bare, other_host + plain}) {
      CAPTURE(input);
      CHECK(decode(input, cache) == decode(input));
    }
  CHECK_FALSE(cache.find(bare));
}

TEST_CASE("a head with content is not cached", "[http][cache]") {
  head_cache cache;
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx";
  const std::string chunked =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (int i = 0; i < 20; ++i) {
    CHECK(decode(post, cache) == decode(post));
    CHECK(decode(chunked, cache) == decode(chunked));
  }
  CHECK_FALSE(cache.find(post));
  CHECK_FALSE(cache.find(chunked));
}

TEST_CASE("heads that are never repeated do not evict all repeated ones", "[http][cache]") {
  head_cache cache;
  (void)decode(plain, cache);
  for (int i = 0; i < 16; ++i)
    (void)decode("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n", cache);
  CHECK(cache.find(plain)); // eight such heads evict one place in four
}

TEST_CASE("among heads that never repeat few are looked for, until one is found", "[http][cache]") {
  head_cache cache;
  (void)decode(plain, cache);
  for (int i = 0; i < 64; ++i)
    CHECK_FALSE(cache.find("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n"));
  int looks = 1;
  while (looks < 100 && !cache.find(plain))
    ++looks;
  CHECK(looks > 1);
  CHECK(looks <= 16);
  for (int i = 0; i < 16; ++i)
    CHECK(cache.find(plain));
}

TEST_CASE("a long head is not cached", "[http][cache]") {
  head_cache cache;
  const std::string input =
      "GET / HTTP/1.1\r\nHost: x\r\nCookie: " + std::string(4000, 'c') + "\r\n\r\n";
  for (int i = 0; i < 20; ++i)
    CHECK(decode(input, cache) == decode(input));
  CHECK_FALSE(cache.find(input));
}
