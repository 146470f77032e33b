#include "../support/catch.hpp"

#include <sake/http/content_stream.hpp>

#include <memory>
#include <string>

using sake::http::content_stream;
using state = content_stream::state;

TEST_CASE("A content stream gives its octets once, in order", "[http][content_stream]") {
  content_stream stream{10};
  CHECK(stream.take().empty());
  stream.push("ab");
  stream.push("cd");
  CHECK(stream.take() == "abcd");
  CHECK(stream.take().empty());
  CHECK(stream.status() == state::open);
}

TEST_CASE("A content stream is complete only once its last octet was taken",
          "[http][content_stream]") {
  content_stream stream{10};
  stream.push("ab");
  stream.finish(state::complete);
  CHECK(stream.status() == state::open);
  CHECK(stream.take() == "ab");
  CHECK(stream.status() == state::complete);
}

TEST_CASE("A content stream that failed has nothing to give", "[http][content_stream]") {
  content_stream stream{10};
  stream.push("ab");
  stream.finish(state::failed);
  CHECK(stream.status() == state::failed);
  CHECK(stream.take().empty());
  stream.finish(state::complete);
  CHECK(stream.status() == state::failed);
}

TEST_CASE("The room of a content stream is what it may still hold", "[http][content_stream]") {
  content_stream stream{4};
  CHECK(stream.room() == 4);
  stream.push("abc");
  CHECK(stream.room() == 1);
  stream.push("de"); // more than there is room for is taken all the same
  CHECK(stream.room() == 0);
  CHECK(stream.take() == "abcde");
  CHECK(stream.room() == 4);
}

TEST_CASE("The writer is told of the first take, and of room when the stream was full",
          "[http][content_stream]") {
  content_stream stream{4};
  int told = 0;
  stream.on_room([&] { ++told; });
  CHECK_FALSE(stream.is_wanted());
  CHECK(stream.take().empty());
  CHECK(stream.is_wanted());
  CHECK(told == 1);
  stream.push("abc");
  (void)stream.take();
  CHECK(told == 1);
  stream.push("abcd");
  (void)stream.take();
  CHECK(told == 2);
  stream.push("abcd");
  stream.finish(state::complete);
  (void)stream.take();
  CHECK(told == 2); // nobody writes any more
}

TEST_CASE("A take may be bounded, and leaves the rest in order", "[http][content_stream]") {
  content_stream stream{4};
  int told = 0;
  stream.on_room([&] { ++told; });
  stream.push("abcdefghi");
  CHECK(stream.take(3) == "abc");
  CHECK(stream.room() == 0);
  CHECK(told == 0); // still full
  CHECK(stream.take(3) == "def");
  CHECK(told == 1);
  CHECK(stream.take(0).empty());
  stream.finish(state::complete);
  CHECK(stream.status() == state::open);
  CHECK(stream.take(3) == "ghi");
  CHECK(stream.status() == state::complete);
}

TEST_CASE("The reader is told of octets and of the end", "[http][content_stream]") {
  content_stream stream{10};
  std::string seen;
  stream.on_readable([&] {
    seen += stream.take();
    seen += stream.status() == state::open ? '.' : stream.status() == state::complete ? '$' : '!';
  });
  stream.push("a");
  stream.push("b");
  SECTION("complete") {
    stream.finish(state::complete);
    CHECK(seen == "a.b.$");
  }
  SECTION("or failed") {
    stream.finish(state::failed);
    CHECK(seen == "a.b.!");
  }
  stream.finish(state::complete);
  CHECK(seen.size() == 5); // told of one end
}

TEST_CASE("A content stream lets go of its reader at the end, which may drop the stream",
          "[http][content_stream]") {
  auto stream = std::make_shared<content_stream>(10);
  const std::weak_ptr<content_stream> watched = stream;
  // The reader owns the stream that owns the reader.
  stream->on_readable([stream] {});
  auto* const writer = stream.get();
  stream.reset();
  REQUIRE_FALSE(watched.expired());
  writer->finish(state::failed);
  CHECK(watched.expired());
}
