#include "../../support/catch.hpp"

#include <sake/http/content_stream.hpp>

#include <memory>
#include <string>

using sake::http::content_stream;
using state = content_stream::state;

TEST_CASE("a content stream gives its octets once, in order", "[http][content_stream]") {
  content_stream stream{10};
  CHECK(stream.take().empty());
  stream.push("ab");
  stream.push("cd");
  CHECK(stream.take() == "abcd");
  CHECK(stream.take().empty());
  CHECK(stream.status() == state::open);
}

TEST_CASE("a content stream is complete only once its last octet was taken",
          "[http][content_stream]") {
  content_stream stream{10};
  stream.push("ab");
  stream.finish(state::complete);
  CHECK(stream.status() == state::open);
  CHECK(stream.take() == "ab");
  CHECK(stream.status() == state::complete);
}

TEST_CASE("a content stream that failed gives no octets", "[http][content_stream]") {
  content_stream stream{10};
  stream.push("ab");
  stream.finish(state::failed);
  CHECK(stream.status() == state::failed);
  CHECK(stream.take().empty());
  stream.finish(state::complete);
  CHECK(stream.status() == state::failed);
}

TEST_CASE("the room of a content stream is the number of octets it may still hold",
          "[http][content_stream]") {
  content_stream stream{4};
  CHECK(stream.room() == 4);
  stream.push("abc");
  CHECK(stream.room() == 1);
  stream.push("de"); // push() accepts more than there is room for
  CHECK(stream.room() == 0);
  CHECK(stream.take() == "abcde");
  CHECK(stream.room() == 4);
}

TEST_CASE("the writer is notified of the first take, and of room after the stream was full",
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
  CHECK(told == 2); // a complete stream has no writer
}

TEST_CASE("a bounded take leaves the rest in order", "[http][content_stream]") {
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

TEST_CASE("the reader is notified of octets and of the end", "[http][content_stream]") {
  content_stream stream{10};
  std::string seen;
  stream.on_readable([&] {
    seen += stream.take();
    seen += stream.status() == state::open ? '.' : stream.status() == state::complete ? '$' : '!';
  });
  stream.push("a");
  stream.push("b");
  SECTION("the stream completes") {
    stream.finish(state::complete);
    CHECK(seen == "a.b.$");
  }
  SECTION("the stream fails") {
    stream.finish(state::failed);
    CHECK(seen == "a.b.!");
  }
  stream.finish(state::complete);
  CHECK(seen.size() == 5); // only the first end is reported
}

TEST_CASE("a content stream releases its reader at the end, which may destroy the stream",
          "[http][content_stream]") {
  auto stream = std::make_shared<content_stream>(10);
  const std::weak_ptr<content_stream> watched = stream;
  // A cycle: the stream owns the callback, the callback owns the stream.
  stream->on_readable([stream] {});
  auto* const writer = stream.get();
  stream.reset();
  REQUIRE_FALSE(watched.expired());
  writer->finish(state::failed);
  CHECK(watched.expired());
}

TEST_CASE("content that is wanted whole waits unread, however long it is",
          "[http][content_stream]") {
  content_stream stream{4};
  int told = 0;
  int resumed = 0;
  stream.on_readable([&] { ++told; });
  stream.on_room([&] { ++resumed; });
  stream.push("abcdef");
  CHECK(told == 1);
  CHECK_FALSE(stream.is_wanted_whole());
  stream.want_whole();
  CHECK(stream.is_wanted_whole());
  CHECK(stream.is_wanted());
  CHECK(resumed == 1);
  stream.push(std::string(100, 'x'));
  CHECK(stream.room() > 1'000'000);
  const auto memory = stream.memory(10);
  REQUIRE(memory.size() == 10);
  std::string{"yy"}.copy(memory.data(), 2);
  stream.commit(2);
  CHECK(told == 1);
  CHECK(stream.status() == state::open);
  stream.finish(state::complete);
  CHECK(told == 2);
  CHECK(stream.status() == state::complete);
  CHECK(stream.take() == "abcdef" + std::string(100, 'x') + "yy");
  CHECK(resumed == 1);
}
